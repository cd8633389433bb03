package share_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fake"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
)

// counting tells of every call to a table.
type counting struct {
	table.Engine
	saw func(call string, key table.Key)
}

func (c counting) Get(ctx context.Context, key table.Key, consistent bool) (table.Item, error) {
	c.saw("get", key)
	return c.Engine.Get(ctx, key, consistent)
}

func (c counting) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	c.saw("batch get", keys[0])
	return c.Engine.BatchGet(ctx, keys)
}

func (c counting) Query(ctx context.Context, q table.Query) (table.Page, error) {
	c.saw("query", table.Key{PK: q.PK})
	return c.Engine.Query(ctx, q)
}

func (c counting) Update(ctx context.Context, u table.Update) (table.Item, error) {
	c.saw("update", u.Key)
	return c.Engine.Update(ctx, u)
}

func (c counting) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	c.saw("commit", table.Key{})
	return c.Engine.Commit(ctx, writer, ops...)
}

// Store calls are the price of a link: what each flow costs is fixed here.
func TestStoreCalls(t *testing.T) {
	tests := []struct {
		name string
		n    share.New
		do   func(t *testing.T, s *fake.Stack, token string)
		want []string
	}{
		{"follow, limited", share.New{Limit: 5}, follow, []string{"update"}},
		{"follow, unlimited", share.New{}, follow, []string{"get"}},
		{"follow, limited by items", share.New{Limit: 65}, follow, []string{"get", "commit"}},
		{"look", share.New{Limit: 5}, func(t *testing.T, s *fake.Stack, token string) {
			if _, err := s.Shares.Look(ctx, token, ""); err != nil {
				t.Fatal(err)
			}
		}, []string{"get"}},
		{"create for a file that was looked up", share.New{Limit: 5}, func(t *testing.T, s *fake.Stack, _ string) {
			f, err := s.Files.ByMediaID(ctx, s.Admin, 1)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := s.Shares.CreateFor(ctx, s.Admin, f, share.New{Limit: 5}); err != nil {
				t.Fatal(err)
			}
		}, []string{"update", "commit"}},
		{"revoke", share.New{Limit: 5}, func(t *testing.T, s *fake.Stack, token string) {
			v, err := s.Shares.Look(ctx, token, "")
			if err != nil {
				t.Fatal(err)
			}
			revoke(t, s, v.Share)
		}, []string{"get", "get", "get", "commit"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _, token := linked(t, tt.n)
			var got []string
			s.Shares.Store = store.Shares{Now: s.Clock.Now, Table: counting{s.Table, func(call string, _ table.Key) {
				got = append(got, call)
			}}}
			tt.do(t, s, token)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("store calls (-want +got):\n%s", diff)
			}
		})
	}
}

func follow(t *testing.T, s *fake.Stack, token string) {
	t.Helper()
	if _, err := s.Shares.Follow(ctx, token, visit("r")); err != nil {
		t.Fatal(err)
	}
}
