// Package libchdb finds libchdb.so, ClickHouse's engine as a shared library of 566 MB: the user's own file, the one in the cache,
// or the pinned version fetched with the user's npm and checked against the pinned digest.
//
// Start at [Fetch], or at [Find] to look without fetching.
package libchdb
