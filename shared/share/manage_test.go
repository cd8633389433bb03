package share_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/share"
)

func ptr[T any](v T) *T { return &v }

func TestChange(t *testing.T) {
	tests := []struct {
		name  string
		n     share.New
		uses  int
		patch share.Patch
		left  int64 // uses that are left after the change, -1: no limit
	}{
		{"more", share.New{Limit: 2}, 2, share.Patch{Limit: ptr(int64(5))}, 3},
		{"fewer", share.New{Limit: 5}, 2, share.Patch{Limit: ptr(int64(3))}, 1},
		{"below what is used", share.New{Limit: 5}, 3, share.Patch{Limit: ptr(int64(2))}, 0},
		{"no limit any more", share.New{Limit: 2}, 2, share.Patch{Limit: ptr(int64(0))}, -1},
		{"a limit at last", share.New{}, 3, share.Patch{Limit: ptr(int64(2))}, 2},
		{"from a set to items", share.New{Limit: 3}, 3, share.Patch{Limit: ptr(int64(66))}, 63},
		{"items stay items", share.New{Limit: 70}, 2, share.Patch{Limit: ptr(int64(4))}, 2},
		{"a note changes no limit", share.New{Limit: 3}, 1, share.Patch{Note: ptr("for Bob")}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, sh, token := linked(t, tt.n)
			for i := range tt.uses {
				if _, err := s.Shares.Follow(ctx, token, visit(fmt.Sprint("before", i))); err != nil {
					t.Fatal(err)
				}
			}
			if _, _, err := s.Shares.Change(ctx, s.Admin, sh.ID, tt.patch); err != nil {
				t.Fatal(err)
			}
			got, _, err := s.Shares.Get(ctx, s.Admin, sh.ID)
			if err != nil || got.Left() != tt.left {
				t.Fatalf("left %d, %v, want %d", got.Left(), err, tt.left)
			}
			for i := range max(tt.left, 0) {
				if _, err := s.Shares.Follow(ctx, token, visit(fmt.Sprint("after", i))); err != nil {
					t.Fatalf("use %d after the change: %v", i+1, err)
				}
			}
			_, err = s.Shares.Follow(ctx, token, visit("last"))
			if tt.left < 0 && err != nil {
				t.Errorf("without a limit: %v", err)
			} else if tt.left >= 0 {
				wantRefused(t, err, share.Exhausted)
			}
		})
	}
}

func TestChangeExpiry(t *testing.T) {
	s, sh, token := linked(t, share.New{ExpiresAt: fake.Start.Add(time.Hour), Limit: 5})
	s.Clock.Advance(2 * time.Hour)
	_, err := s.Shares.Follow(ctx, token, visit("a"))
	wantRefused(t, err, share.Expired)
	if _, _, err := s.Shares.Change(ctx, s.Admin, sh.ID, share.Patch{ExpiresAt: ptr(fake.Start.Add(3 * time.Hour))}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Shares.Follow(ctx, token, visit("b")); err != nil {
		t.Errorf("after a longer expiry: %v", err)
	}
	if _, _, err := s.Shares.Change(ctx, s.Admin, sh.ID, share.Patch{ExpiresAt: &time.Time{}}); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(1000 * time.Hour)
	if _, err := s.Shares.Follow(ctx, token, visit("c")); err != nil {
		t.Errorf("without an expiry: %v", err)
	}
	_, _, err = s.Shares.Change(ctx, s.Admin, sh.ID, share.Patch{ExpiresAt: ptr(fake.Start)})
	if e := fault.As(err); e == nil || e.Kind != fault.Invalid || e.Field != "expires_at" {
		t.Errorf("an expiry in the past: %v", err)
	}
}

func TestRevokeIsForGoodAndRepeatable(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 5})
	first, err := s.Shares.Revoke(ctx, s.Admin, sh.ID)
	if err != nil || !first.RevokedAt.Equal(s.Clock.Now()) {
		t.Fatalf("revoked at %v, %v", first.RevokedAt, err)
	}
	s.Clock.Advance(time.Hour)
	second, err := s.Shares.Revoke(ctx, s.Admin, sh.ID)
	if err != nil || !second.RevokedAt.Equal(fake.Start) {
		t.Errorf("again: revoked at %v, %v, want the first moment", second.RevokedAt, err)
	}
	if _, _, err := s.Shares.Change(ctx, s.Admin, sh.ID, share.Patch{Limit: ptr(int64(9))}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a revoked link was changed: %v", err)
	}
}

func TestCreateValidates(t *testing.T) {
	s := fake.NewStack(t, nil)
	f := s.Upload(t, s.Admin, "a.pdf", "application/pdf", []byte("x"))
	tests := []struct {
		name  string
		n     share.New
		field string
	}{
		{"past", share.New{ExpiresAt: fake.Start}, "expires_at"},
		{"negative limit", share.New{Limit: -1}, "limit"},
		{"limit out of reach", share.New{Limit: share.MaxLimit + 1}, "limit"},
		{"long note", share.New{Note: string(make([]byte, share.MaxNoteLength+1))}, "note"},
	}
	for _, tt := range tests {
		tt.n.FileID = f.ID
		_, _, err := s.Shares.Create(ctx, s.Admin, tt.n)
		if e := fault.As(err); e == nil || e.Kind != fault.Invalid || e.Field != tt.field {
			t.Errorf("%s: %v, want invalid %s", tt.name, err, tt.field)
		}
	}
}

func TestCreateOnce(t *testing.T) {
	s := fake.NewStack(t, nil)
	f := s.Upload(t, s.Admin, "a.pdf", "application/pdf", []byte("x"))
	n := share.New{FileID: f.ID, Limit: 3, Once: account.Once{Key: "k", Digest: "d"}}
	first, token := s.Link(t, s.Admin, n)
	again, replayed := s.Link(t, s.Admin, n)
	if again.ID != first.ID || replayed != token {
		t.Errorf("a replay made link %s, want %s again", again.ID, first.ID)
	}
	n.Once.Digest = "another"
	if _, _, err := s.Shares.Create(ctx, s.Admin, n); fault.As(err).Field != "Idempotency-Key" {
		t.Errorf("another request under the same key: %v", err)
	}
	s.Clock.Advance(account.OnceFor + time.Second)
	if later, _ := s.Link(t, s.Admin, n); later.ID == first.ID {
		t.Error("the key was remembered for more than a day")
	}
}

func TestAnotherOrganizationSeesNothing(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 5})
	_, stranger := s.Organization(t, "Rival", "eve@rival.test")
	if _, _, err := s.Shares.Get(ctx, stranger, sh.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("Get: %v", err)
	}
	if _, err := s.Shares.Revoke(ctx, stranger, sh.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("Revoke: %v", err)
	}
	if _, _, err := s.Shares.Change(ctx, stranger, sh.ID, share.Patch{Limit: ptr(int64(9))}); !fault.Is(err, fault.NotFound) {
		t.Errorf("Change: %v", err)
	}
	if _, _, err := s.Shares.Events(ctx, stranger, sh.ID, file.Page{Limit: 10}); !fault.Is(err, fault.NotFound) {
		t.Errorf("Events: %v", err)
	}
	if _, err := s.Shares.Mail(ctx, stranger, share.MailRequest{Numbers: []int64{sh.Number}, Recipients: []string{"a@b.test"}}); !fault.Is(err, fault.NotFound) {
		t.Errorf("Mail: %v", err)
	}
	if _, _, err := s.Shares.Create(ctx, stranger, share.New{FileID: sh.Target.FileID}); !fault.Is(err, fault.NotFound) {
		t.Errorf("Create: %v", err)
	}
	if list, _, err := s.Shares.List(ctx, stranger, share.Filter{}, file.Page{Limit: 10}); err != nil || len(list) != 0 {
		t.Errorf("List: %d links, %v", len(list), err)
	}
}

func TestRolesOfSharing(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 5})
	for role, may := range map[account.Role]bool{account.Admin: true, account.Producer: true, account.ViewOnly: false, account.Disabled: false, "": false} {
		who := s.Admin
		who.Role = role
		_, _, err := s.Shares.Create(ctx, who, share.New{FileID: sh.Target.FileID})
		if (err == nil) != may || (!may && !fault.Is(err, fault.Forbidden)) {
			t.Errorf("%q creates: %v, want %v", role, err, may)
		}
	}
}

func TestListFiltersAndPages(t *testing.T) {
	s := fake.NewStack(t, nil)
	a := s.Upload(t, s.Admin, "a.pdf", "application/pdf", []byte("a"))
	b := s.Upload(t, s.Admin, "b.pdf", "application/pdf", []byte("b"))
	var ids []string
	for i := range 30 {
		f := a
		if i%3 == 0 {
			f = b
		}
		sh, _ := s.Link(t, s.Admin, share.New{FileID: f.ID, Limit: 5})
		if i%5 == 0 {
			revoke(t, s, sh)
		}
		ids = append([]string{sh.ID}, ids...)
		s.Clock.Advance(time.Millisecond)
	}
	all := func(f share.Filter) []string {
		var got []string
		p := file.Page{Limit: 4}
		for {
			page, next, err := s.Shares.List(ctx, s.Admin, f, p)
			if err != nil || len(page) > p.Limit {
				t.Fatalf("%d links on a page of %d, %v", len(page), p.Limit, err)
			}
			for _, l := range page {
				got = append(got, l.ID)
			}
			if p.Cursor = next; next == "" {
				return got
			}
		}
	}
	if diff := cmp.Diff(ids, all(share.Filter{})); diff != "" {
		t.Errorf("all, newest first (-want +got):\n%s", diff)
	}
	for name, tt := range map[string]struct {
		f    share.Filter
		want int
	}{
		"file":       {share.Filter{File: b.ID}, 10},
		"state":      {share.Filter{State: share.Revoked}, 6},
		"both":       {share.Filter{File: b.ID, State: share.Revoked}, 2},
		"kind":       {share.Filter{Kind: share.Recipient}, 0},
		"other kind": {share.Filter{Kind: share.Download, State: share.Active}, 24},
	} {
		if got := all(tt.f); len(got) != tt.want {
			t.Errorf("%s: %d links, want %d", name, len(got), tt.want)
		}
	}
	if _, _, err := s.Shares.List(ctx, s.Admin, share.Filter{}, file.Page{Limit: 4, Cursor: "bogus"}); fault.As(err).Field != "cursor" {
		t.Errorf("a bogus cursor: %v", err)
	}
}

func TestDeletingTheFileEndsItsLinks(t *testing.T) {
	s, sh, token := linked(t, share.New{Limit: 5})
	other := s.Upload(t, s.Admin, "other.pdf", "application/pdf", []byte("y"))
	kept, _ := s.Link(t, s.Admin, share.New{FileID: other.ID})
	for range 40 { // more than one commit deletes
		s.Link(t, s.Admin, share.New{FileID: sh.Target.FileID})
	}
	s.Clock.Advance(time.Second)
	if err := s.Files.Delete(ctx, s.Admin, sh.Target.FileID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Shares.Follow(ctx, token, visit("a")); !fault.Is(err, fault.NotFound) {
		t.Errorf("the link still leads somewhere: %v", err)
	}
	list, _, err := s.Shares.List(ctx, s.Admin, share.Filter{}, file.Page{Limit: 100})
	if err != nil || len(list) != 1 || list[0].ID != kept.ID {
		t.Errorf("%d links are left, %v, want the other file's", len(list), err)
	}
	if s.Objects.Body(sh.Target.Object) != nil {
		t.Error("the object is still there")
	}
	events, _, err := s.Shares.Events(ctx, s.Admin, sh.ID, file.Page{Limit: 10})
	if err != nil || len(events) != 2 || events[0].Type != share.Deleted {
		t.Errorf("events %+v, %v: the trail must outlive the link", events, err)
	}
	if _, err := s.Files.Get(ctx, s.Admin, sh.Target.FileID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the file: %v", err)
	}
}

func TestNoLinkToAFileThatIsBeingDeleted(t *testing.T) {
	s := fake.NewStack(t, nil)
	f := s.Upload(t, s.Admin, "a.pdf", "application/pdf", []byte("x"))
	if err := s.Files.Store.BeginDelete(ctx, f); err != nil {
		t.Fatal(err)
	}
	// f was read before: only the commit's own check is left to stop it.
	if _, _, err := s.Shares.CreateFor(ctx, s.Admin, f, share.New{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a link was made: %v", err)
	}
}

// TestDeadBy: media is played for longer than a file is downloaded.
func TestDeadBy(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	for rec, want := range map[string]time.Time{"": at.Add(time.Minute), "AAAAAAAA": at.Add(15 * time.Minute)} {
		sh := share.Share{RevokedAt: at, Target: share.Target{RecordingID: rec}}
		if got := sh.DeadBy(); !got.Equal(want) {
			t.Errorf("of recording %q: %v, want %v", rec, got, want)
		}
	}
}
