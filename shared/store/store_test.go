package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
	"latchkey/shared/table/bolt"
	"latchkey/shared/table/dynamo"
)

var ctx = context.Background()

// engines are the tables that the repositories must work on alike.
func engines(t *testing.T) map[string]func(*testing.T) table.Engine {
	all := map[string]func(*testing.T) table.Engine{
		"mem": nil, // what a stack has by itself
		"bolt": func(t *testing.T) table.Engine {
			e, err := bolt.Open(filepath.Join(t.TempDir(), "table.db"), bolt.Options{
				Schema: store.Schema(), PageKey: []byte("key"), Now: fake.NewClock(fake.Start).Now, NoSync: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { e.Close() })
			return e
		},
	}
	url := os.Getenv("TEST_DYNAMODB_ENDPOINT")
	if url == "" && os.Getenv("CI") == "true" {
		t.Fatal("TEST_DYNAMODB_ENDPOINT is not set: CI must run the repositories on a server")
	}
	if url != "" {
		all["dynamo"] = func(t *testing.T) table.Engine { return onServer(t, url) }
	}
	return all
}

func onServer(t *testing.T, url string) table.Engine {
	t.Helper()
	client := dynamodb.New(dynamodb.Options{
		// Not the region of the engine's own tests, which run at the same time:
		// moto rolls a region's tables back together.
		Region: "eu-west-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	name := fmt.Sprintf("store-%d", time.Now().UnixNano())
	if err := dynamo.CreateTable(ctx, client, name, store.Schema()); err != nil {
		t.Fatal(err)
	}
	return dynamo.New(client, name, store.Schema(), []byte("key"))
}

func stack(t *testing.T, open func(*testing.T) table.Engine) *fake.Stack {
	t.Helper()
	if open == nil {
		return fake.NewStack(t, nil)
	}
	return fake.NewStack(t, func(table.Engine) table.Engine { return open(t) })
}

func visit(id string) share.Visit { return share.Visit{RequestID: id, From: "192.0.2.7"} }

// Every access pattern, in one life of a file, on every engine.
func TestOneLifeOnEveryEngine(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			s := stack(t, open)
			f := s.Upload(t, s.Admin, "a.pdf", "application/pdf", []byte("x"))
			sh, token := s.Link(t, s.Admin, share.New{FileID: f.ID, Limit: 3, ExpiresAt: fake.Start.AddDate(0, 0, 1), Note: "n"})
			follow := func(token, id string) error {
				s.Clock.Advance(time.Second)
				_, err := s.Shares.Follow(ctx, token, visit(id))
				return err
			}
			for i := range 3 {
				if err := follow(token, fmt.Sprint(i)); err != nil {
					t.Fatal(err)
				}
			}
			if err := follow(token, "2"); err == nil {
				t.Error("a fourth use") // a second later the same request is another claim
			}
			change(t, s, sh.ID, share.Patch{Limit: ptr(int64(100)), Note: ptr("")})
			if err := follow(token, "items"); err != nil {
				t.Errorf("after a larger limit: %v", err)
			}
			mailed(t, s, sh, follow)
			got, again, err := s.Shares.Get(ctx, s.Admin, sh.ID)
			if err != nil || again != token || got.Used != 5 || got.Note != "" || got.Limit != 100 {
				t.Errorf("%+v, %v", got, err)
			}
			if _, err := s.Shares.Revoke(ctx, s.Admin, sh.ID); err != nil {
				t.Fatal(err)
			}
			if err := follow(token, "revoked"); !fault.Is(err, fault.NotFound) {
				t.Errorf("after the revocation: %v", err)
			}
			if err := s.Files.Delete(ctx, s.Admin, f.ID); err != nil {
				t.Fatal(err)
			}
			checkTrail(t, s, sh.ID)
		})
	}
}

func ptr[T any](v T) *T { return &v }

func change(t *testing.T, s *fake.Stack, id string, p share.Patch) {
	t.Helper()
	s.Clock.Advance(time.Second)
	if _, _, err := s.Shares.Change(ctx, s.Admin, id, p); err != nil {
		t.Fatal(err)
	}
}

// mailed mails a link, one of two put off, and follows what came.
func mailed(t *testing.T, s *fake.Stack, sh share.Share, follow func(string, string) error) {
	t.Helper()
	s.Clock.Advance(time.Second)
	_, err := s.Shares.Mail(ctx, s.Admin, share.MailRequest{
		Numbers: []int64{sh.Number, 99}, Recipients: []string{"a@x.test", "b@throttle.test"}, Base: "https://share.test",
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := follow(s.Post.Letters()[0].Links[0].URL[len("https://share.test/l/"):], "recipient"); err != nil {
		t.Errorf("a recipient's use: %v", err)
	}
	s.Clock.Advance(time.Hour)
	if n, err := s.Shares.SendDeferred(ctx, s.Clock.Now()); n != 1 || err != nil {
		t.Errorf("the sweep took %d, %v", n, err)
	}
	list, _, err := s.Shares.List(ctx, s.Admin, share.Filter{Kind: share.Recipient}, file.Page{Limit: 10})
	if err != nil || len(list) != 2 || list[0].Limit != 100 || list[0].Used != 5 {
		t.Errorf("the recipients' links %+v, %v: they have the limit and the uses of their parent", list, err)
	}
}

func checkTrail(t *testing.T, s *fake.Stack, id string) {
	t.Helper()
	for _, of := range []string{id, ""} {
		events, _, err := s.Shares.Events(ctx, s.Admin, of, file.Page{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		got := map[share.EventType]int{}
		for _, e := range events {
			got[e.Type]++
		}
		// Uses are brought in by the change feed, which nobody reads here.
		want := map[share.EventType]int{share.Created: 1, share.Changed: 1, share.Mailed: 2, share.WasRevoked: 1, share.Deleted: 3}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("trail of %q (-want +got):\n%s", of, diff)
		}
	}
}

func TestPagesOnEveryEngine(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			s := stack(t, open)
			for range 12 {
				s.Clock.Advance(time.Millisecond)
				s.Upload(t, s.Admin, "a", "text/plain", []byte("x"))
			}
			seen := 0
			for p := (file.Page{Limit: 5}); ; {
				files, next, err := s.Files.List(ctx, s.Admin, p)
				if err != nil {
					t.Fatal(err)
				}
				seen += len(files)
				if p.Cursor = next; next == "" {
					break
				}
			}
			if seen != 12 {
				t.Errorf("%d files, want 12", seen)
			}
			_, _, err := s.Files.List(ctx, s.Admin, file.Page{Limit: 5, Cursor: "bm90IG91cnM"})
			if e := fault.As(err); e == nil || e.Field != "cursor" {
				t.Errorf("a cursor of nobody: %v", err)
			}
		})
	}
}

func TestOnceOnEveryEngine(t *testing.T) {
	for name, open := range engines(t) {
		t.Run(name, func(t *testing.T) {
			s := stack(t, open)
			f := s.Upload(t, s.Admin, "a", "text/plain", []byte("x"))
			n := share.New{FileID: f.ID, Once: account.Once{Key: "k", Digest: "d"}, ExpiresAt: fake.Start.Add(time.Hour)}
			first, _ := s.Link(t, s.Admin, n)
			s.Clock.Advance(2 * time.Hour) // what was valid then is not judged again
			again, _, err := s.Shares.Create(ctx, s.Admin, n)
			if err != nil || again.ID != first.ID {
				t.Errorf("%s then %s, %v", first.ID, again.ID, err)
			}
			n.Once.Digest = "other"
			if _, _, err := s.Shares.Create(ctx, s.Admin, n); fault.As(err) == nil || fault.As(err).Field != "Idempotency-Key" {
				t.Errorf("another body: %v", err)
			}
		})
	}
}

// conflicting fails the first commits and updates as a busy table does.
type conflicting struct {
	table.Engine
	left int
}

func (c *conflicting) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	if c.left--; c.left >= 0 {
		return table.ErrConflict
	}
	return c.Engine.Commit(ctx, writer, ops...)
}

func (c *conflicting) Update(ctx context.Context, u table.Update) (table.Item, error) {
	if c.left--; c.left >= 0 {
		return nil, table.ErrConflict
	}
	return c.Engine.Update(ctx, u)
}

func TestConflictsAreTriedAgain(t *testing.T) {
	busy := &conflicting{}
	s := fake.NewStack(t, func(e table.Engine) table.Engine { busy.Engine = e; return busy })
	f := s.Upload(t, s.Admin, "a", "text/plain", []byte("x"))
	busy.left = 2
	_, token := s.Link(t, s.Admin, share.New{FileID: f.ID, Limit: 1})
	busy.left = 2
	if _, err := s.Shares.Follow(ctx, token, visit("r")); err != nil {
		t.Error(err)
	}
}
