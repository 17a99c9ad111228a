package rows

// LogicVersion is the version of what the rows mean. A release that computes otherwise raises it: rows of an older
// logic are then left out at restore, and made again from the log.
const LogicVersion = 1

const logicShift = 48

// VersionOf gives a row's version: the logic's in the high bits, and below what the row has absorbed.
func VersionOf(absorbed uint64) uint64 { return LogicVersion<<logicShift | absorbed }

// LogicOf gives the logic's part of a row's version.
func LogicOf(version uint64) uint64 { return version >> logicShift }

// MinVersion is the lowest version of a row of this logic.
func MinVersion() uint64 { return VersionOf(0) }

// MarkVersion is the version of a row fed by one topic: offsets from 1.
func MarkVersion(mark int64) uint64 { return VersionOf(uint64(mark + 1)) }
