package eval

import (
	"math"
	"testing"

	"latchkey/shared/table"
)

func TestSize(t *testing.T) {
	tests := map[string]struct {
		value any
		want  int
	}{
		"text":          {"abc", 3},
		"UTF-8":         {"ä\U0001F600", 6},
		"bytes":         {[]byte{1, 2}, 2},
		"bool":          {false, 1},
		"set":           {table.Set{"a", "bcd"}, 4},
		"zero":          {int64(0), 1},
		"one digit":     {int64(7), 2},
		"two digits":    {int64(42), 2},
		"three digits":  {int64(123), 3},
		"zeros behind":  {int64(1_000_000), 2},
		"negative":      {int64(-42), 3},
		"the smallest":  {int64(math.MinInt64), 12},
		"zeros between": {int64(10_001), 4},
	}
	for name, tt := range tests {
		if got := Size(table.Item{"name": tt.value}) - len("name"); got != tt.want {
			t.Errorf("%s: %d bytes, want %d", name, got, tt.want)
		}
	}
}

func TestSame(t *testing.T) {
	it := func(v any) table.Item { return table.Item{"a": v} }
	values := []table.Item{nil, {}, it("x"), it("y"), it(int64(1)), it(true), it([]byte("x")), it([]byte("y")), it(table.Set{"x"}), it(table.Set{"x", "y"}), {"a": "x", "b": "y"}}
	for i, a := range values {
		for j, b := range values {
			if got := Same(a, Clone(b)); got != (i == j) {
				t.Errorf("Same(%v, %v) = %v", a, b, got)
			}
		}
	}
}
