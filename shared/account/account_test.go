package account_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/store"
	"latchkey/shared/table"
)

var ctx = context.Background()

func TestAuthenticate(t *testing.T) {
	s := fake.NewStack(t, nil)
	who, err := s.Accounts.Authenticate(ctx, s.Key)
	if err != nil || who.Role != account.Admin || who.Email != "admin@acme.test" || who.Organization == "" {
		t.Fatalf("%+v, %v", who, err)
	}
	if !strings.HasPrefix(s.Key, "lk_"+who.Key+"_") {
		t.Errorf("the key %q does not begin with its id %q", s.Key, who.Key)
	}
	other := []byte(s.Key)
	other[len(other)-1] ^= 1
	for _, bad := range []string{
		"", "lk_", "lk__", s.Key + "x", s.Key[:len(s.Key)-1], string(other), "lk_AAAAAAAAAAAAAAAA_" + strings.Repeat("A", 27),
		strings.ToUpper(s.Key), " " + s.Key, "lk_../../../../../.._" + strings.Repeat("A", 27),
	} {
		if _, err := s.Accounts.Authenticate(ctx, bad); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestKeysAreKeptAsHashes(t *testing.T) {
	s := fake.NewStack(t, nil)
	s.Memory.Record(s.Clock.Now)
	_, key, err := s.Accounts.CreateKey(ctx, s.Admin, "ci", "", account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	secret := key[strings.LastIndex(key, "_")+1:]
	for _, c := range s.Memory.Changes() {
		for name, v := range c.New {
			if b, ok := v.([]byte); ok && strings.Contains(string(b), secret) {
				t.Errorf("%s holds the secret", name)
			}
			if text, ok := v.(string); ok && strings.Contains(text, secret) {
				t.Errorf("%s holds the secret", name)
			}
		}
	}
	if _, err := s.Accounts.Authenticate(ctx, key); err != nil {
		t.Errorf("the new key: %v", err)
	}
}

func TestDeletedKeysStopWithinAMinute(t *testing.T) {
	s := fake.NewStack(t, nil)
	k, key, err := s.Accounts.CreateKey(ctx, s.Admin, "ci", "", account.Once{})
	if err != nil {
		t.Fatal(err)
	}
	// Another function has seen the key and keeps it in its cache.
	elsewhere := &account.Service{Store: store.Accounts{Table: s.Table, Now: s.Clock.Now}, Now: s.Clock.Now}
	if _, err := elsewhere.Authenticate(ctx, key); err != nil {
		t.Fatal(err)
	}
	by, err := s.Accounts.DeleteKey(ctx, s.Admin, k.ID)
	if err != nil || by.Sub(s.Clock.Now()) > time.Minute {
		t.Fatalf("by %v, %v", by, err)
	}
	if _, err := s.Accounts.Authenticate(ctx, key); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("here: %v", err)
	}
	s.Clock.Advance(by.Sub(s.Clock.Now()))
	if _, err := elsewhere.Authenticate(ctx, key); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("elsewhere, a minute later: %v", err)
	}
	if _, err := s.Accounts.DeleteKey(ctx, s.Admin, k.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("again: %v", err)
	}
}

func TestDeleteKeyRefuses(t *testing.T) {
	s := fake.NewStack(t, nil)
	_, rival := s.Organization(t, "Rival", "eve@rival.test")
	if _, err := s.Accounts.DeleteKey(ctx, s.Admin, s.Admin.Key); !fault.Is(err, fault.Conflict) {
		t.Errorf("its own: %v", err)
	}
	if _, err := s.Accounts.DeleteKey(ctx, rival, s.Admin.Key); !fault.Is(err, fault.NotFound) {
		t.Errorf("another organization's: %v", err)
	}
	if _, err := s.Accounts.Authenticate(ctx, s.Key); err != nil {
		t.Errorf("and it is gone: %v", err)
	}
}

func TestCreateKeyOnce(t *testing.T) {
	s := fake.NewStack(t, nil)
	s.Clock.Advance(time.Second)
	once := account.Once{Key: "k", Digest: "d"}
	first, secret, err := s.Accounts.CreateKey(ctx, s.Admin, "ci", "", once)
	if err != nil || secret == "" {
		t.Fatal(err)
	}
	again, repeated, err := s.Accounts.CreateKey(ctx, s.Admin, "ci", "", once)
	if err != nil || again.ID != first.ID || repeated != "" {
		t.Errorf("a replay: key %s, secret %q, %v", again.ID, repeated, err)
	}
	keys, err := s.Accounts.Keys(ctx, s.Admin)
	if err != nil || len(keys) != 2 || keys[0].Name != "first key" {
		t.Errorf("%+v, %v", keys, err)
	}
}

func TestKeysAreBounded(t *testing.T) {
	s := fake.NewStack(t, nil)
	for range account.MaxKeys - 1 {
		if _, _, err := s.Accounts.CreateKey(ctx, s.Admin, "k", "", account.Once{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Accounts.CreateKey(ctx, s.Admin, "k", "", account.Once{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("one more: %v", err)
	}
}

func TestFound(t *testing.T) {
	s := fake.NewStack(t, nil)
	for name, tt := range map[string]struct{ organization, email, field string }{
		"the same organization": {"ACME", "new@acme.test", "organization"},
		"the same address":      {"New", "Admin@acme.test", "email"},
		"no name":               {" ", "new@acme.test", "organization"},
		"no address":            {"New", "nobody", "email"},
		"control characters":    {"Ne\nw", "new@acme.test", "organization"},
	} {
		if _, err := s.Accounts.Found(ctx, tt.organization, tt.email, ""); fault.As(err) == nil || fault.As(err).Field != tt.field {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type counter struct {
	table.Engine
	mu                    sync.Mutex
	gets, batches, writes int
}

func (s *counter) count(n *int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*n++
}

func (s *counter) Update(ctx context.Context, u table.Update) (table.Item, error) {
	s.count(&s.writes)
	return s.Engine.Update(ctx, u)
}

func (s *counter) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	s.count(&s.writes)
	return s.Engine.Commit(ctx, writer, ops...)
}

func (s *counter) Get(ctx context.Context, k table.Key, consistent bool) (table.Item, error) {
	s.count(&s.gets)
	return s.Engine.Get(ctx, k, consistent)
}

func (s *counter) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	s.count(&s.batches)
	return s.Engine.BatchGet(ctx, keys)
}

func TestAKeyIsLookedUpOnceAMinute(t *testing.T) {
	counted := &counter{}
	s := fake.NewStack(t, func(e table.Engine) table.Engine { counted.Engine = e; return counted })
	counted.gets, counted.batches = 0, 0
	for range 100 {
		if _, err := s.Accounts.Authenticate(ctx, s.Key); err != nil {
			t.Fatal(err)
		}
	}
	if counted.gets+counted.batches != 0 { // the stack has authenticated before
		t.Errorf("%d reads", counted.gets+counted.batches)
	}
	s.Clock.Advance(account.CacheFor)
	if _, err := s.Accounts.Authenticate(ctx, s.Key); err != nil || counted.gets != 1 || counted.batches != 1 {
		t.Errorf("%d reads and %d batches after a minute, %v", counted.gets, counted.batches, err)
	}
}

// TestTrials: an organization for a check is told from every other by its ID.
func TestTrials(t *testing.T) {
	s := fake.NewStack(t, nil)
	for range 2 { // at the same time, without a clash of names
		f, err := s.Accounts.FoundTrial(ctx)
		if err != nil || !account.IsTrial(f.Organization.ID) {
			t.Fatalf("%+v, %v", f, err)
		}
		if who, err := s.Accounts.Authenticate(ctx, f.Key); err != nil || who.Organization != f.Organization.ID {
			t.Errorf("its key: %+v, %v", who, err)
		}
	}
	if _, who := s.Organization(t, "trial-1", "trial-1@acme.test"); account.IsTrial(who.Organization) || account.IsTrial(s.Admin.Organization) {
		t.Errorf("%s passes for a trial", who.Organization)
	}
}
