/** What the program does not serve yet: its steps wait here until it does. */
export const SERVES = {
  /** `DELETE /v1/devices/{device}`. */
  devices: false,
  /** `/v1/topics/{topic}/subscribers`. */
  topics: false,
  /** What became of what was taken back before its time is told for each of its users. */
  unsentOutcomes: false,
  /** Devices that were not seen for the retention time go. */
  deviceRetention: false,
}
