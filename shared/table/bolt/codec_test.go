package bolt

import (
	"bytes"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/table"
)

func everything() table.Item {
	return table.Item{table.PK: "p", table.SK: "s\x00", "empty": "", "int": int64(math.MinInt64), "max": int64(math.MaxInt64),
		"yes": true, "no": false, "bytes": []byte{0, 255}, "none": []byte{}, "set": table.Set{"a", "", "\U0001F600"}}
}

func TestItemRoundTrip(t *testing.T) {
	for _, want := range []table.Item{everything(), {table.PK: "p", table.SK: "s"}, nil} {
		got, err := decodeItem(encodeItem(want))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

func TestChangeRoundTrip(t *testing.T) {
	at := time.Date(2023, 11, 27, 12, 0, 0, 5, time.UTC)
	for _, want := range []table.Change{{At: at, Old: everything(), New: everything()}, {At: at, New: everything()}, {At: at, Old: everything(), Expired: true}} {
		got, err := decodeChange(encodeChange(want))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

// A value cut short anywhere, or longer, or of another version, is an error.
func TestCorrupt(t *testing.T) {
	item, change := encodeItem(everything()), encodeChange(table.Change{At: time.Unix(1, 0), New: everything()})
	for i := 1; i < len(item); i++ {
		if it, err := decodeItem(item[:i]); err == nil {
			t.Errorf("an item of %d of %d bytes: %v", i, len(item), it)
		}
	}
	for i := range change {
		if c, err := decodeChange(change[:i]); err == nil {
			t.Errorf("a change of %d of %d bytes: %v", i, len(change), c)
		}
	}
	bad := map[string][]byte{"longer": append(slices.Clone(item), 0), "version": append([]byte{2}, item[1:]...),
		"a name twice": {1, 2, 1, 'a', 't', 1, 'a', 't'}, "a kind": {1, 1, 1, 'a', '?'}, "many": {1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1}}
	for name, b := range bad {
		if it, err := decodeItem(b); err == nil {
			t.Errorf("%s: %v", name, it)
		}
	}
}

// Keys are in the order of the bytes of what they hold, whatever follows.
func TestIndexKeyOrder(t *testing.T) {
	sks := []string{"\x00", "\x00\x00", "\x00\x01", "\x00\xff", "\x01", "a", "a\x00", "a\x00a", "a\x01", "aa", "\xff"}
	for i := range sks[1:] {
		for _, k := range []table.Key{{PK: "", SK: ""}, {PK: "\xff\xff", SK: "\xff"}} {
			low, high := indexKey("p", sks[i], k), indexKey("p", sks[i+1], table.Key{PK: "m", SK: "m"})
			if bytes.Compare(low, high) >= 0 {
				t.Errorf("%q is not below %q", sks[i], sks[i+1])
			}
		}
	}
}

func TestAfter(t *testing.T) {
	for prefix, want := range map[string]string{"\x00\x01a": "\x00\x01b", "\x00\x01\xff\xff": "\x00\x02", "a\xffb\xff": "a\xffc"} {
		if got := after([]byte(prefix)); string(got) != want {
			t.Errorf("after(%q) = %q, want %q", prefix, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(encodeItem(everything()))
	f.Add(encodeChange(table.Change{At: time.Unix(1, 0), Old: everything(), New: everything(), Expired: true}))
	f.Add([]byte{1, 1, 1, 'a', 'S', 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if it, err := decodeItem(b); err == nil {
			again, err := decodeItem(encodeItem(it))
			if d := cmp.Diff(it, again); err != nil || d != "" {
				t.Errorf("error %v, item (-first +again):\n%s", err, d)
			}
		}
		if c, err := decodeChange(b); err == nil {
			again, err := decodeChange(encodeChange(c))
			if d := cmp.Diff(c, again); err != nil || d != "" {
				t.Errorf("error %v, change (-first +again):\n%s", err, d)
			}
		}
	})
}
