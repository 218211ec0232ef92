import '../element/index.js'
import { Announcer } from './parts/announcer.js'
import { ConsoleApp } from './parts/app.js'
import { ArrivalsPart } from './parts/arrivals.js'
import { Bench } from './parts/bench.js'
import { Compose } from './parts/compose.js'
import { Connections } from './parts/connections.js'
import { Copy } from './parts/copy.js'
import { FramesPart } from './parts/frames.js'
import { Pane } from './parts/pane.js'
import { RatesPart } from './parts/rates.js'
import { SentPart } from './parts/sent.js'
import { SignIn } from './parts/sign-in.js'

// The parts by the names under which the templates place them; the whole comes last, which is on the page already.
customElements.define('console-announcer', Announcer)
customElements.define('console-arrivals', ArrivalsPart)
customElements.define('console-bench', Bench)
customElements.define('console-compose', Compose)
customElements.define('console-connections', Connections)
customElements.define('console-copy', Copy)
customElements.define('console-frames', FramesPart)
customElements.define('console-pane', Pane)
customElements.define('console-rates', RatesPart)
customElements.define('console-sent', SentPart)
customElements.define('console-sign-in', SignIn)
customElements.define('posthorn-console', ConsoleApp)
