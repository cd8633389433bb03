// Package bench holds the benchmarks that span packages: a followed link from
// event to answer, the floor that no handler can go below, and the cold start
// of each function beside one that does nothing. It has no code of its own.
package bench
