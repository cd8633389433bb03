package table_test

import (
	"testing"

	"latchkey/shared/table"
)

func TestTokenRoundTrip(t *testing.T) {
	key := []byte("k")
	for _, want := range []table.Position{
		{},
		{Key: table.Key{PK: "p", SK: "s"}},
		{Key: table.Key{PK: "p\x00", SK: "\U0001F600"}, IndexSK: "2023-11-27"},
	} {
		q := table.Query{Index: "i", PK: "p", Prefix: "2", Descending: true}
		q.Token = table.SealToken(key, q, want)
		got, err := table.OpenToken(key, q)
		if err != nil || got != want {
			t.Errorf("got %+v, error %v, want %+v", got, err, want)
		}
	}
}

// What the token is bound to is told apart field by field: moving a byte from
// one to the next is another query.
func TestTokenIsBoundFieldByField(t *testing.T) {
	key := []byte("k")
	token := table.SealToken(key, table.Query{Index: "i", PK: "p", Prefix: "x"}, table.Position{})
	for name, q := range map[string]table.Query{
		"index and pk":  {Index: "ip", PK: "", Prefix: "x"},
		"pk and prefix": {Index: "i", PK: "px", Prefix: ""},
		"order":         {Index: "i", PK: "p", Prefix: "x", Descending: true},
	} {
		q.Token = token
		if _, err := table.OpenToken(key, q); err != table.ErrToken {
			t.Errorf("%s: error %v, want ErrToken", name, err)
		}
	}
}

func FuzzOpenToken(f *testing.F) {
	key := []byte("k")
	q := table.Query{Index: "i", PK: "p"}
	f.Add(table.SealToken(key, q, table.Position{Key: table.Key{PK: "p", SK: "s"}, IndexSK: "x"}))
	f.Add("AAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, token string) {
		q.Token = token
		pos, err := table.OpenToken(key, q)
		if err != nil {
			return
		}
		if again := table.SealToken(key, q, pos); again != token {
			t.Errorf("%q and %q are both the token of %+v", token, again, pos)
		}
	})
}
