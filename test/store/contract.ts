import { describe } from 'vitest'
import { describeAcknowledgements } from './contract/acknowledgements.js'
import { describeCollapseKeys } from './contract/collapse-keys.js'
import { describeDeliveries } from './contract/deliveries.js'
import { describeEndings } from './contract/endings.js'
import { describeEpochs } from './contract/epochs.js'
import { describeFanOutSteps } from './contract/fan-out-steps.js'
import { describeFanOuts } from './contract/fan-outs.js'
import { describeExpiry } from './contract/expiry.js'
import { describeFilters } from './contract/filters.js'
import { describeForgetting } from './contract/forgetting.js'
import { describeIdempotency } from './contract/idempotency.js'
import { describeLife } from './contract/life.js'
import { describeList } from './contract/list.js'
import { describeMarkingUpTo } from './contract/marking-up-to.js'
import { describeMarking } from './contract/marking.js'
import { describeOpening } from './contract/opening.js'
import { describePeople } from './contract/people.js'
import { describeRandomWork } from './contract/random-work.js'
import { describeReader } from './contract/reader.js'
import { describeReading } from './contract/reading.js'
import { describeRecalls } from './contract/recalls.js'
import { describeRetention } from './contract/retention.js'
import { describeRevocations } from './contract/revocations.js'
import { describeSchedules } from './contract/schedules.js'
import { describeSending } from './contract/sending.js'
import { describeTopics } from './contract/topics.js'
import type { OpenStore } from './contract/store-under-test.js'

/**
 * The rules that every store keeps, tried through the `Store` interface alone. Each test cites its rule.
 *
 * Sending
 * - S1 Each user's log counts `seq` from 1, without holes, whatever other users get.
 * - S2 Sends that come at once get distinct, consecutive `seq`s, and each is told its own.
 * - S3 A send to up to 1,000 users gives each its own next `seq` and all the same content.
 * - S4 An arrival tells the user's counts as of then, and `head` tells the same.
 * - S5 The receipt tells id, times and recipients; `seq` only where one user was named as such.
 * - S6 Content comes back as the text that was given, whatever characters it holds.
 * - S7 Users whose names differ at all are different users.
 * - S8 A send that fails takes nothing with it: no other send of that moment, no `seq`, no idempotency key.
 * - S9 Sends that name the same users in different orders don't lock each other out.
 *
 * Idempotency
 * - K1 The same key and fingerprint of the same service get the first receipt again; nothing is stored.
 * - K2 The same key with another fingerprint is refused; nothing is stored, and the first answer stays.
 * - K3 Keys belong to a service: issuer and subject together.
 * - K4 A key guards its answer for 24 hours, to the millisecond; then it is as new.
 * - K5 Of many that come at once with one key, one is stored.
 *
 * Epochs
 * - E1 A user has the same epoch before and after it is known, by whatever way it is asked for.
 * - E2 An epoch outlives the process; another database has another.
 *
 * Opening a device
 * - O1 A device is made when it is first opened, and its user too; it starts at the beginning.
 * - O2 `stored` starts at the stored cursor.
 * - O3 `latest` starts at the end of the log, moves the stored cursor there and records no delivery.
 * - O4 A cursor above the stored one acknowledges up to it.
 * - O5 A cursor at or below the stored one starts there and leaves the stored one alone.
 * - O6 A cursor of another epoch or ahead of the log has strayed: it starts at the stored one and moves nothing.
 *
 * Acknowledging
 * - A1 An acknowledgement covers all up to its `seq`, and answers where the cursor stands.
 * - A2 A cursor never moves back.
 * - A3 An acknowledgement ahead of the log changes nothing, and tells where the log ends.
 * - A4 One of another epoch, or of a device that is not known, changes nothing and makes nothing, and says which it is.
 * - A5 It moves one device of one user, and no other.
 * - A6 Of acknowledgements that come at once the highest stands.
 * - A7 What is asked to be written after an acknowledgement, without waiting for its answer, is written after it.
 *
 * Deliveries
 * - D1 Each device of each user has a row; a user without a device has one, whose device is null.
 * - D2 A row is `delivered` at the time at which the entry was first covered, and stays so.
 * - D3 A row is `skipped` where `latest` took the cursor past where the entry stands, else `pending`.
 * - D4 Pages hold at most `limit` rows; together they have each row once. The last has no `next`.
 * - D5 A notification that is not known has no deliveries, not even none.
 * - D6 A row tells when its user has seen and read the entry.
 * - D7 An acknowledgement covers what stands at or below its `seq` now, not what stood there.
 * - D8 A row tells how the entry ended: replaced, recalled, expired (from its time on) or removed; delivered wins, and the
 *   first end stays.
 * - D9 What moved on before a device acknowledged its place ends as the device has it.
 * - D10 Pages over entries that are there and those that have ended neither skip nor repeat, also while entries end.
 *
 * Marking
 * - C1 An action sets and clears its own times, and keeps those that are set: `read` sets seen, `archived` read and seen.
 * - C2 What an action does not change takes no `seq` and stays where it is.
 * - C3 What changes takes the next `seq`, in order of arrival; `arrivedSeq` and content stay, the place before is empty.
 * - C4 Each moved entry tells the user's counts as of then; the step, like `head`, tells those of the end.
 * - C5 By ids: what is not the user's is passed over.
 * - C6 By `upTo`: what arrived in (`after`, `upTo`] wherever it stands now, of one type where that is named.
 * - C7 An `upTo` of another epoch changes nothing, and is told the log's own epoch.
 * - C8 A step changes at most `limit` entries; steps that go on at `next` change each once, and nothing behind them;
 *   by ids there is no `next`.
 * - C9 A mark makes no user.
 * - C10 Marks and arrivals that come at once take distinct `seq`s, without holes.
 *
 * Reading
 * - R1 `changes` gives what comes after a position, in `seq` order, and the head of the log.
 * - R2 A page of changes has at most `limit` entries; `through` is where the next one goes on.
 * - R3 A page of changes ends with the frame that takes it to `maxBytes` of UTF-8: at least one comes.
 * - R4 Pages of changes give each entry once, while more arrive.
 * - R5 `list` gives the newest first; pages give each once, while more arrive. The last has no `next`.
 * - R6 What a read gives is of one moment, and of none before a write that has resolved.
 * - R7 Who is not known has an empty log, and reading makes no one known.
 * - R8 `notification` gives the content and its recipients, or undefined.
 * - R9 `entry` gives one entry as it stands, or undefined where the user does not have it.
 *
 * Reading for a device (`changes` with a reader)
 * - H1 Content that the device has acknowledged comes as state, all else whole; what one device has is none of another's.
 * - H2 What arrived after its connection started comes whole.
 * - H3 All comes whole where it started below its cursor, unless it says otherwise, and where it asks for that.
 * - H4 All comes whole to a device that is not known.
 * - H5 What `latest` has skipped comes whole when it moves.
 * - H6 `maxBytes` counts what is told, not the content that stays away.
 * - H7 What had moved on before the acknowledgement was there comes whole.
 *
 * Filters
 * - F1 Each filter, and a type, shows what it names; the counts beside it are of the whole inbox.
 * - F2 Pages of a filter have each once, and neither skip nor repeat what stays in it, while entries are marked.
 *
 * Topics
 * - T1 A user is subscribed to what it was subscribed to, until that ends.
 * - T2 A subscription that is there stays as it is, whoever asks again.
 * - T3 A user has at most `limit` topics of its own; what services subscribed it to takes no place.
 * - T4 What a user asks in another life of its log changes nothing and makes nobody.
 * - T5 Who is not known is made by a subscription, and by nothing else here.
 * - T6 A change of many tells how many subscriptions it made and ended.
 * - T7 Pages give each subscriber that stays once, while others come and go.
 * - T8 Pages give a user's topics once each, by their names. The last has no `next`.
 * - T9 Topics whose names differ at all are different topics.
 *
 * Fan-outs
 * - N1 A send to a topic, or to everyone, reaches each whom it means once, chunk by chunk.
 * - N2 It means those who are subscribed, or known, when it is accepted or fires, and still so when reached.
 * - N3 It shows how far it is, and that it is done.
 * - N4 It goes on where it stopped, also when the store is opened again; no chunk is done twice.
 * - N5 Fan-outs take turns.
 * - N6 What is sent between chunks takes its place in each log.
 * - N7 Where a newer one of its collapse key stands, or its tombstone, or has stood until it was removed, it stores nothing and
 *   is `replaced`.
 * - N8 Recalled half-way it reaches nobody any more, and is taken from those whom it had reached.
 * - N9 What expires half-way reaches nobody any more.
 * - N10 One that means no one is over in one step.
 * - N11 What it writes is as young as the step that wrote it.
 *
 * Collapse keys
 * - P1 A newer notification takes the place of the older one with its key: at the next `seq`, unseen, unread, not archived.
 * - P2 The counts lose what the older one counted for, and gain the newer one.
 * - P3 A key is one user's own; keys that differ at all are different ones.
 * - P4 What was replaced tells so, and when it was seen and read; delivered stays delivered.
 * - P5 A tombstone gives its place to a newer one with its key, and stays what it was.
 * - P6 Newer goes by acceptance: a fan-out that comes to a newer one, or its tombstone, stores nothing, and is replaced there.
 * - P7 Of many with one key the last that was accepted stays, alone.
 * - P8 What had expired before it was replaced has ended as expired.
 *
 * Expiry
 * - X1 Changes pass an entry over from its time on, to the millisecond; list, counts and `entry` keep it until the sweep.
 * - X2 The sweep makes tombstones at the next `seq`s, in the order of their times, at most so many, and tells the counts as of
 *   then.
 * - X3 What is done is not done again; `due` tells when there is something.
 * - X4 An acknowledgement over what has expired, or was removed, records no delivery.
 * - X5 A mark moves what has expired, without its being read again; it moves no tombstone.
 * - X6 What a tombstone takes with it over the bounds of the log is swept no more.
 *
 * Schedules
 * - W1 What is scheduled is in no log, and makes no user, until it is fired.
 * - W2 They fire in the order of their times, then of acceptance; at most so many at once.
 * - W3 It keeps the time at which it was sent; of two with one collapse key it is as new as its firing.
 * - W4 The firing makes the users that are new; each gets it once.
 * - W5 What has outlived itself before it could fire is stored nowhere, and has expired. It makes the users whom it names.
 * - W6 What was recalled never fires, and is known from the recall on, as are those whom it names; only its own service can
 *   recall it.
 * - W7 An idempotency key gives the receipt of the schedule again, also once it has fired.
 * - W8 Everyone means those who are known when it fires.
 * - W9 What waits outlives the process, and is from its firing on as anything that was sent then.
 * - W10 A step of firing is bounded by what it writes, and fires at least one.
 *
 * Recalling
 * - B1 What is not known, or is another service's, is unknown, and nothing changes.
 * - B2 It becomes a tombstone at the next `seq` of each user that has it; counts, list and `entry` lose it.
 * - B3 A second time it gives the same receipt, and moves nothing.
 * - B4 What was replaced stays replaced; what had expired has ended as expired.
 * - B5 Of more inboxes than its limit it is taken out by the steps of fan-outs, once each, across restarts.
 * - B6 A fan-out that is half-way stops; those it has reached lose it.
 * - B7 Whoever has it and whoever does not are told alike that it was removed.
 *
 * Retention
 * - G1 An inbox over its limit loses its first entries in the write that adds one, and the horizon tells.
 * - G2 First is by `seq`: what was marked stands later, and goes later.
 * - G3 Tombstones are no entries; beyond ten times the limit the first go, with what stands before them.
 * - G4 What last changed before a time goes in order of `seq`, up to the first that is younger, so many rows at once.
 * - G5 A tombstone is as old as its removal; how it ended is still told when it is gone.
 * - G6 What was removed tells so; delivered stays delivered.
 * - G7 A page of changes tells the horizon as of the same moment.
 * - G8 A limit that was lowered is kept from then on, in steps.
 * - G9 Who has something too old or too much is found among so many users at a time; looking makes no one known.
 *
 * Forgetting
 * - V1 What nobody has, and was accepted before a time, is forgotten, with its outcomes and deliveries; its key still guards.
 * - V2 What somebody has stays, be it an entry or a tombstone.
 * - V3 What waits, fans out or is being taken back stays; what was scheduled is as old as its firing.
 * - V4 Whoever asks by an age knows what was accepted after it, what is alive in an inbox, what waits and what fans out.
 * - V5 It goes in steps of so many rows; what may not be forgotten any more is passed over.
 *
 * People
 * - U1 `devices` gives each device of a user once, page by page, as it was opened, acknowledged and seen last.
 * - U2 A device is seen when it opens, acknowledges, and by `seeDevice`, which moves it forward only, makes none, and passes over
 *   one of another epoch.
 * - U3 A device that is removed is forgotten with its cursor; with `unseenSince` only where it was not seen since.
 * - U4 What was delivered to it is forgotten in steps, what was delivered to others stays.
 * - U5 A new device beyond `maxDevices` makes the others go that were seen least recently, those that are not online first.
 * - U6 `unseenDevices` gives those that were not seen since, however the walk is cut.
 * - U7 `subscribed` gives those of the users named who are subscribed.
 * - U8 `keepReceipt` keeps the first receipt of a key, in the key space of sends.
 * - U9 An erased user is not known at once, and not by an unfinished purge; another who comes by the name has another epoch.
 * - U10 What others have stays as it is.
 * - U11 What was under way in the former life changes nothing.
 * - U12 To erase who is not known changes nothing but what is scheduled for that name.
 *
 * Revocations
 * - Z1 They come back in the order in which they came, page by page, also from a store that is opened again.
 * - Z2 Of two of one name the later time stands, after all others; a token and a user of one name are two.
 * - Z3 Tokens whose time is over are forgotten, so many at once; users never are.
 * - Z4 The erasure of a user leaves them.
 *
 * Life
 * - L1 What resolved is there after the store is closed and opened again.
 * - L2 `close` finishes what was asked before it, and is idempotent.
 * - L3 What is asked once `close` was called is refused with `store_unavailable`.
 * - L4 `check` resolves while the store can write and read.
 *
 * Together
 * - M1 After any sends, schedules, openings, acknowledgements, marks, recalls, sweeps, fan-outs, trims and reads the store says
 *   what a small model in memory says.
 */
export function describeStore(name: string, open: OpenStore): void {
  describe(`${name} as a store`, () => {
    describeSending(open)
    describeIdempotency(open)
    describeEpochs(open)
    describeOpening(open)
    describeAcknowledgements(open)
    describeDeliveries(open)
    describeEndings(open)
    describeReading(open)
    describeList(open)
    describeFilters(open)
    describeMarking(open)
    describeMarkingUpTo(open)
    describeReader(open)
    describeTopics(open)
    describeFanOuts(open)
    describeFanOutSteps(open)
    describeCollapseKeys(open)
    describeExpiry(open)
    describeSchedules(open)
    describeRecalls(open)
    describeRetention(open)
    describeForgetting(open)
    describePeople(open)
    describeRevocations(open)
    describeLife(open)
    describeRandomWork(open)
  })
}
