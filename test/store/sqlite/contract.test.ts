import { describeStore } from '../contract.js'
import { openSqlite } from './files.js'

describeStore('SqliteStore', openSqlite)
