package bolt

import (
	"encoding/binary"
	"math"
	"strings"

	"latchkey/shared/table"
)

// itemKey orders the items of a partition by the bytes of their sort key. The
// length before the partition key keeps partitions apart; their own order is
// of no meaning.
func itemKey(k table.Key) []byte {
	return append(partition(k.PK), k.SK...)
}

func partition(pk string) []byte {
	b := make([]byte, 0, 2+len(pk)+64)
	b = binary.BigEndian.AppendUint16(b, uint16(len(pk))) // a key has at most 2,048 bytes
	return append(b, pk...)
}

// indexKey orders the items of an index partition by the bytes of their index
// sort key, and items that share it by their key.
func indexKey(ipk, isk string, k table.Key) []byte {
	b := append(partition(ipk), escape(isk)...)
	b = append(b, 0, 1) // below every continuation of isk, see escape
	return append(b, itemKey(k)...)
}

// escape makes room for an end mark: 00 becomes 00 FF, which keeps the order.
func escape(s string) string { return strings.ReplaceAll(s, "\x00", "\x00\xff") }

// ttlKey orders by time, negative ones first.
func ttlKey(ttl int64, k table.Key) []byte {
	b := binary.BigEndian.AppendUint64(nil, uint64(ttl)^(1<<63))
	return append(b, itemKey(k)...)
}

// ttlBound is the first ttlKey that is not before the Unix second now.
func ttlBound(now int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(now)^(1<<63))
}

// after returns the first key behind all that begin with prefix, which begins
// with a length below FF FF.
func after(prefix []byte) []byte {
	b := append([]byte{}, prefix...)
	for b[len(b)-1] == math.MaxUint8 {
		b = b[:len(b)-1]
	}
	b[len(b)-1]++
	return b
}
