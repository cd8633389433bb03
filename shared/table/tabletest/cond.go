package tabletest

import (
	"testing"

	"latchkey/shared/table"
)

func conditions() contract {
	return contract{
		"each condition holds when it says, and its negation when it does not": eachCondition,
		"a comparison across types does not hold":                              acrossTypes,
		"conditions are joined as written":                                     joined,
		"a condition that cannot be evaluated is invalid":                      badConditions,
	}
}

// holds reports whether a condition lets an update without changes through.
func holds(t *testing.T, h Harness, k table.Key, c table.Cond) bool {
	t.Helper()
	_, err := h.Engine.Update(t.Context(), table.Update{Key: k, Remove: []string{"nothing"}, If: c})
	if err != nil && table.Refused(err) == nil {
		t.Fatalf("%+v: %v", c, err)
	}
	return err == nil
}

func subject() table.Item {
	return at("p", "s", table.Item{"word": "mean", "n": int64(10), "big": int64(11), "yes": true, "no": false,
		"raw": []byte("abc"), "set": table.Set{"a", "bc", "d"}, "two": int64(2), "three": int64(3), "four": int64(4), "last": "zz"})
}

func eachCondition(t *testing.T, h Harness) {
	put(t, h, subject())
	tests := map[string]struct {
		cond table.Cond
		want bool
	}{
		"none":                             {table.Cond{}, true},
		"exists":                           {table.Exists("word"), true},
		"exists, not there":                {table.Exists("nope"), false},
		"exists, item":                     {table.Exists(table.PK), true},
		"absent":                           {table.Absent("nope"), true},
		"absent, there":                    {table.Absent("no"), false},
		"equal string":                     {table.Equal("word", "mean"), true},
		"equal other string":               {table.Equal("word", "Mean"), false},
		"equal int":                        {table.Equal("n", int64(10)), true},
		"equal other int":                  {table.Equal("n", int64(100)), false},
		"equal bool":                       {table.Equal("no", false), true},
		"equal other bool":                 {table.Equal("no", true), false},
		"equal across types":               {table.Equal("n", "10"), false},
		"equal with bytes":                 {table.Equal("raw", "abc"), false},
		"equal with nothing":               {table.Equal("nope", "x"), false},
		"equal key":                        {table.Equal(table.SK, "s"), true},
		"less int":                         {table.Less("n", int64(11)), true},
		"less, equal":                      {table.Less("n", int64(10)), false},
		"less is no text order":            {table.Less("n", int64(9)), false},
		"less string":                      {table.Less("word", "meany"), true},
		"less string by bytes":             {table.Less("word", "Z"), false},
		"less with nothing":                {table.Less("nope", int64(9)), false},
		"greater int":                      {table.Greater("n", int64(9)), true},
		"greater, equal":                   {table.Greater("n", int64(10)), false},
		"greater negative":                 {table.Greater("n", int64(-11)), true},
		"greater string":                   {table.Greater("word", "me"), true},
		"contains member":                  {table.Contains("set", "bc"), true},
		"contains no part of a member":     {table.Contains("set", "b"), false},
		"contains is not for strings":      {table.Contains("word", "ea"), false},
		"contains with nothing":            {table.Contains("nope", "a"), false},
		"size below":                       {table.SizeBelow("set", 4), true},
		"size below, equal":                {table.SizeBelow("set", 3), false},
		"size below is not for strings":    {table.SizeBelow("word", 100), false},
		"size below is not for bytes":      {table.SizeBelow("raw", 100), false},
		"size below with nothing":          {table.SizeBelow("nope", 100), false},
		"size below attribute":             {table.SizeBelowAttr("set", "four"), true},
		"size below attribute, equal":      {table.SizeBelowAttr("set", "three"), false},
		"size below attribute, less":       {table.SizeBelowAttr("set", "two"), false},
		"size below attribute, none":       {table.SizeBelowAttr("set", "nope"), false},
		"size of none below attribute":     {table.SizeBelowAttr("nope", "four"), false},
		"less than attribute":              {table.LessAttr("n", "big"), true},
		"less than attribute, equal":       {table.LessAttr("n", "n"), false},
		"less than attribute, more":        {table.LessAttr("big", "n"), false},
		"less than attribute, not of text": {table.LessAttr("word", "last"), false},
		"less than attribute, none":        {table.LessAttr("n", "nope"), false},
		"less than attribute, from none":   {table.LessAttr("nope", "n"), false},
		"and of none":                      {table.And(), true},
		"or of none":                       {table.Or(), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			k := subject().Key()
			diff(t, "condition", holds(t, h, k, tt.cond), tt.want)
			diff(t, "negation", holds(t, h, k, table.Not(tt.cond)), !tt.want)
			diff(t, "double negation", holds(t, h, k, table.Not(table.Not(tt.cond))), tt.want)
		})
	}
}

func acrossTypes(t *testing.T, h Harness) {
	put(t, h, subject())
	tests := map[string]table.Cond{
		"less across types":            table.Less("word", int64(9)),
		"greater across types":         table.Greater("n", "0"),
		"size below attribute, string": table.SizeBelowAttr("set", "last"),
		"less than attribute, mixed":   table.LessAttr("n", "last"),
	}
	for name, c := range tests {
		diff(t, name, holds(t, h, subject().Key(), c), false)
		diff(t, name+", negated", holds(t, h, subject().Key(), table.Not(c)), true)
	}
}

func joined(t *testing.T, h Harness) {
	put(t, h, subject())
	yes, no := table.Exists("word"), table.Absent("word")
	more, less := table.SizeBelow("set", 4), table.SizeBelow("set", 1)
	tests := map[string]struct {
		cond table.Cond
		want bool
	}{
		"and":                       {table.And(yes, more, yes), true},
		"and, one not":              {table.And(yes, yes, less), false},
		"and of one":                {table.And(no), false},
		"and with none":             {table.And(table.Cond{}, yes), true},
		"or":                        {table.Or(no, less, yes), true},
		"or, none":                  {table.Or(no, less), false},
		"or with none":              {table.Or(no, table.Cond{}), true},
		"or in and":                 {table.And(table.Or(no, yes), table.Or(more, no)), true},
		"or in and, first fails":    {table.And(table.Or(no, no), table.Or(yes, yes)), false},
		"and in or":                 {table.Or(table.And(yes, no), table.And(yes, yes)), true},
		"and in or, both fail":      {table.Or(table.And(yes, no), table.And(less, yes)), false},
		"not of and":                {table.Not(table.And(yes, no)), true},
		"not of or":                 {table.Not(table.Or(yes, no)), false},
		"not beside and":            {table.And(table.Not(no), more), true},
		"not binds to its own only": {table.And(table.Not(yes), yes), false},
		"not of not of or":          {table.Not(table.Not(table.Or(no, yes))), true},
		"typed in or":               {table.Or(less, table.And(more, table.Contains("set", "a"))), true},
		"empty or in and":           {table.And(yes, table.Or()), false},
		"empty and in or":           {table.Or(no, table.And()), true},
		"and of and":                {table.And(table.And(yes, more), table.And(yes)), true},
		"or of or":                  {table.Or(table.Or(no, no), table.Or(no, yes)), true},
		"deep": {table.And(yes, table.Not(table.Or(no, table.And(more, table.Not(table.LessAttr("n", "big"))))),
			table.Or(less, table.Not(table.Contains("set", "x")))), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { diff(t, "condition", holds(t, h, subject().Key(), tt.cond), tt.want) })
	}
}

func badConditions(t *testing.T, h Harness) {
	tests := map[string]table.Cond{
		"no attribute":     table.Exists(""),
		"equal to nothing": table.Equal("a", nil),
		"equal to an int":  table.Equal("a", 1),
		"less than a bool": table.Less("a", true),
		"less than bytes":  table.Less("a", []byte("x")),
		"no other":         table.LessAttr("a", ""),
		"no other size":    table.SizeBelowAttr("a", ""),
		"not of two":       {Op: table.CondNot, Subs: []table.Cond{table.Exists("a"), table.Exists("b")}},
		"unknown":          {Op: 99, Attr: "a"},
		"deep inside":      table.And(table.Or(table.Not(table.Exists("")))),
	}
	for name, c := range tests {
		_, err := h.Engine.Update(t.Context(), table.Update{Key: key("p", "s"), If: c})
		wantError(t, name, err, table.ErrInvalid)
	}
	diff(t, "item", get(t, h, key("p", "s")), table.Item(nil))
}
