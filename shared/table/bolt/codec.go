package bolt

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"time"

	"latchkey/shared/table"
)

// codecVersion begins every value in the file.
const codecVersion = 1

// The types of attribute values.
const (
	kindString = 's'
	kindInt    = 'i'
	kindTrue   = 't'
	kindFalse  = 'f'
	kindBytes  = 'b'
	kindSet    = 'S'
)

var errCorrupt = errors.New("corrupt value")

// encodeItem writes an item: version, number of attributes, and for each,
// sorted by name, its name, kind and value. No item is no bytes.
func encodeItem(it table.Item) []byte {
	if it == nil {
		return nil
	}
	b := append(make([]byte, 0, 256), codecVersion)
	b = binary.AppendUvarint(b, uint64(len(it)))
	for _, name := range slices.Sorted(maps.Keys(it)) {
		b = appendString(b, name)
		b = appendValue(b, it[name])
	}
	return b
}

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return appendString(append(b, kindString), v)
	case int64:
		return binary.AppendVarint(append(b, kindInt), v)
	case []byte:
		return appendString(append(b, kindBytes), string(v))
	case table.Set:
		b = binary.AppendUvarint(append(b, kindSet), uint64(len(v)))
		for _, m := range v {
			b = appendString(b, m)
		}
		return b
	}
	if v == true {
		return append(b, kindTrue)
	}
	return append(b, kindFalse)
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// encodeChange writes a change without its ID, which is its key.
func encodeChange(c table.Change) []byte {
	b := binary.AppendVarint([]byte{codecVersion}, c.At.UnixNano())
	b = appendValue(b, c.Expired)
	b = appendString(b, string(encodeItem(c.Old)))
	return appendString(b, string(encodeItem(c.New)))
}

// decodeItem reads an item, which then shares nothing with b: no bytes are no
// item.
func decodeItem(b []byte) (table.Item, error) {
	if len(b) == 0 {
		return nil, nil
	}
	d := decoder{rest: string(b)} // one copy, of which all strings are parts
	it := d.item()
	if d.failed || d.rest != "" {
		return nil, errCorrupt
	}
	return it, nil
}

func decodeChange(b []byte) (table.Change, error) {
	d := decoder{rest: string(b)}
	if d.byte() != codecVersion {
		return table.Change{}, errCorrupt
	}
	c := table.Change{At: time.Unix(0, d.varint()).UTC()}
	c.Expired = d.byte() == kindTrue
	for _, it := range []*table.Item{&c.Old, &c.New} {
		var err error
		if *it, err = decodeItem([]byte(d.string())); err != nil {
			return table.Change{}, err
		}
	}
	if d.failed || d.rest != "" {
		return table.Change{}, errCorrupt
	}
	return c, nil
}

// decoder takes values off the front of rest; once one is bad, all are zero.
type decoder struct {
	rest   string
	failed bool
}

func (d *decoder) item() table.Item {
	if d.byte() != codecVersion {
		d.failed = true
	}
	n := d.count()
	it := make(table.Item, n)
	for range n {
		name := d.string()
		it[name] = d.value()
	}
	if len(it) != n { // a name twice
		d.failed = true
	}
	return it
}

func (d *decoder) value() any {
	switch d.byte() {
	case kindString:
		return d.string()
	case kindInt:
		return d.varint()
	case kindTrue:
		return true
	case kindFalse:
		return false
	case kindBytes:
		return []byte(d.string())
	case kindSet:
		set := make(table.Set, d.count())
		for i := range set {
			set[i] = d.string()
		}
		return set
	}
	d.failed = true
	return nil
}

// count reads a number of things that take at least a byte each.
func (d *decoder) count() int {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.failed = true
		return 0
	}
	return int(n)
}

func (d *decoder) string() string {
	n := d.count()
	s := d.rest[:n]
	d.rest = d.rest[n:]
	return s
}

func (d *decoder) byte() byte {
	if d.rest == "" {
		d.failed = true
		return 0
	}
	b := d.rest[0]
	d.rest = d.rest[1:]
	return b
}

func (d *decoder) varint() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *decoder) uvarint() uint64 {
	var buf [binary.MaxVarintLen64]byte
	n := copy(buf[:], d.rest)
	u, w := binary.Uvarint(buf[:n])
	if w <= 0 {
		d.failed, d.rest = true, ""
		return 0
	}
	d.rest = d.rest[w:]
	return u
}
