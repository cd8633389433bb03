package mem_test

import (
	"testing"
	"time"

	"latchkey/shared/table"
	"latchkey/shared/table/mem"
	"latchkey/shared/table/tabletest"
)

func TestContract(t *testing.T) {
	tabletest.Run(t, func(t *testing.T) tabletest.Harness {
		e := mem.New(tabletest.Schema(), tabletest.PageKey())
		e.Record(func() time.Time { return time.Unix(1, 0) })
		return tabletest.Harness{
			Engine:  e,
			Changes: func(*testing.T) []table.Change { return e.Changes() },
			Expire:  func(_ *testing.T, now time.Time) { e.Expire(now) },
		}
	})
}

// A page that reached its limit has a Next even at the end, as DynamoDB's.
func TestFullPageHasNext(t *testing.T) {
	e := mem.New(tabletest.Schema(), tabletest.PageKey())
	if _, err := e.Update(t.Context(), table.Update{Key: table.Key{PK: "p", SK: "s"}}); err != nil {
		t.Fatal(err)
	}
	page, err := e.Query(t.Context(), table.Query{PK: "p", Limit: 1})
	if err != nil || len(page.Items) != 1 || page.Next == "" {
		t.Fatalf("page %+v, error %v", page, err)
	}
	page, err = e.Query(t.Context(), table.Query{PK: "p", Limit: 1, Token: page.Next})
	if err != nil || len(page.Items) != 0 || page.Next != "" {
		t.Fatalf("page behind the end %+v, error %v", page, err)
	}
}

func BenchmarkEngine(b *testing.B) {
	tabletest.Bench(b, func(*testing.B) table.Engine { return mem.New(tabletest.Schema(), tabletest.PageKey()) })
}
