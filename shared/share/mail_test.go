package share_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/fake"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
)

func mailTo(sh share.Share, recipients ...string) share.MailRequest {
	return share.MailRequest{
		Numbers: []int64{sh.Number}, Recipients: recipients, Message: "Hello", Base: "https://share.test",
	}
}

func tokenOf(t *testing.T, url string) string {
	t.Helper()
	token, ok := strings.CutPrefix(url, "https://share.test/l/")
	if !ok {
		t.Fatalf("letter links to %s", url)
	}
	return token
}

func TestMailGivesEachRecipientTheirOwnLink(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 3, ExpiresAt: fake.Start.Add(48 * time.Hour)})
	res, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test", "b@X.test", "b@x.test"))
	if err != nil || len(res.Deliveries) != 2 {
		t.Fatalf("%d deliveries, %v, want 2: a duplicate counts once", len(res.Deliveries), err)
	}
	letters := s.Post.Letters()
	if len(letters) != 2 || letters[0].Links[0].URL == letters[1].Links[0].URL {
		t.Fatalf("letters %+v", letters)
	}
	for i, l := range letters {
		token := tokenOf(t, l.Links[0].URL)
		v, err := s.Shares.Look(ctx, token, "")
		if err != nil || v.Sender != "Ann Admin" || v.Message != "Hello" || v.Share.Recipient != l.To {
			t.Errorf("the page says %+v, %v", v, err)
		}
		g, err := s.Shares.Follow(ctx, token, visit(fmt.Sprint(i)))
		if err != nil || g.Share.ID != sh.ID || g.Share.Used != int64(i+1) {
			t.Errorf("a use through %s: %+v, %v: it must spend the parent's limit", l.To, g.Share, err)
		}
	}
}

func TestRecipientsShareTheLimitAndTheEnd(t *testing.T) {
	s, sh, token := linked(t, share.New{Limit: 2})
	if _, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test", "b@x.test")); err != nil {
		t.Fatal(err)
	}
	letters := s.Post.Letters()
	a, b := tokenOf(t, letters[0].Links[0].URL), tokenOf(t, letters[1].Links[0].URL)
	for i, tok := range []string{a, token} {
		if _, err := s.Shares.Follow(ctx, tok, visit(fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	_, err := s.Shares.Follow(ctx, b, visit("b"))
	wantRefused(t, err, share.Exhausted)
	if v, _ := s.Shares.Look(ctx, b, ""); v.State != share.Exhausted {
		t.Errorf("b's page says %s", v.State)
	}
	if _, _, err := s.Shares.Change(ctx, s.Admin, sh.ID, share.Patch{Limit: ptr(int64(5))}); err != nil {
		t.Fatal(err)
	}
	recipients, _, err := s.Shares.List(ctx, s.Admin, share.Filter{Recipient: "a@x.test"}, file.Page{Limit: 10})
	if err != nil || len(recipients) != 1 || recipients[0].Token != a || recipients[0].Mail != share.MailSent {
		t.Fatalf("a's links %+v, %v", recipients, err)
	}
	revoke(t, s, recipients[0].Share)
	_, err = s.Shares.Follow(ctx, a, visit("a2"))
	wantRefused(t, err, share.Revoked)
	if _, err := s.Shares.Follow(ctx, b, visit("b2")); err != nil {
		t.Errorf("revoking a's link ended b's: %v", err)
	}
	revoke(t, s, sh)
	_, err = s.Shares.Follow(ctx, b, visit("b3"))
	wantRefused(t, err, share.Revoked)
	_, _, err = s.Shares.Change(ctx, s.Admin, recipients[0].ID, share.Patch{Limit: ptr(int64(5))})
	if !fault.Is(err, fault.Conflict) {
		t.Errorf("a recipient's link was given a limit of its own: %v", err)
	}
}

func TestStoreCallsOfARecipient(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 2})
	if _, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test")); err != nil {
		t.Fatal(err)
	}
	token := tokenOf(t, s.Post.Letters()[0].Links[0].URL)
	var got []string
	s.Shares.Store = store.Shares{Now: s.Clock.Now, Table: counting{s.Table, func(call string, _ table.Key) { got = append(got, call) }}}
	follow(t, s, token)
	if diff := cmp.Diff([]string{"get", "update"}, got); diff != "" {
		t.Errorf("store calls (-want +got):\n%s", diff)
	}
}

func TestMailOutcomes(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 2})
	shares := store.Shares{Table: s.Table, Now: s.Clock.Now}
	if err := shares.Suppress(ctx, s.Admin.Organization, "Gone@x.test", "bounced"); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(time.Second)
	res, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "ok@x.test", "no@reject.test", "later@throttle.test", "lost@unknown.test", "gone@x.test"))
	if err != nil {
		t.Fatal(err)
	}
	want := []share.MailState{share.MailSent, share.MailRejected, share.MailQueued, share.MailUnknown, share.MailRejected}
	for i, d := range res.Deliveries {
		if d.State != want[i] || (d.State == share.MailRejected && d.Reason == "") {
			t.Errorf("%s: %+v, want %s", d.Recipient, d.Delivery, want[i])
		}
		l, _, err := s.Shares.List(ctx, s.Admin, share.Filter{Recipient: d.Recipient}, file.Page{Limit: 1})
		if err != nil || len(l) != 1 || l[0].Mail != want[i] || l[0].State(s.Clock.Now()) != share.Active {
			t.Errorf("%s: the link says %+v, %v: it must exist whatever became of its mail", d.Recipient, l, err)
		}
	}
	if !res.Accepted() {
		t.Error("one was accepted")
	}
	events, _, err := s.Shares.Events(ctx, s.Admin, sh.ID, file.Page{Limit: 20})
	if err != nil || len(events) != 6 || events[0].Type != share.Mailed || events[0].Recipient == "" || events[0].Via == "" {
		t.Errorf("events %+v, %v", events, err)
	}
}

func TestDeferredMailIsSentLaterOnce(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 2})
	s.Post.Throttle = true
	res, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test", "b@x.test"))
	if err != nil || res.Deliveries[0].State != share.MailQueued {
		t.Fatalf("%+v, %v", res, err)
	}
	sweep := func(want int) {
		t.Helper()
		if n, err := s.Shares.SendDeferred(ctx, s.Clock.Now()); err != nil || n != want {
			t.Fatalf("the sweep took %d, %v, want %d", n, err, want)
		}
	}
	sweep(0)
	s.Clock.Advance(time.Minute)
	sweep(2) // still throttled
	sweep(0)
	s.Post.Throttle = false
	s.Clock.Advance(2 * time.Minute)
	sweep(2)
	s.Clock.Advance(time.Hour)
	sweep(0)
	letters := s.Post.Letters()
	if len(letters) != 2 {
		t.Fatalf("%d letters, want 2", len(letters))
	}
	if _, err := s.Shares.Follow(ctx, tokenOf(t, letters[0].Links[0].URL), visit("r")); err != nil {
		t.Errorf("the link in a deferred letter: %v", err)
	}
	l, _, _ := s.Shares.List(ctx, s.Admin, share.Filter{Recipient: "a@x.test"}, file.Page{Limit: 1})
	if l[0].Mail != share.MailSent {
		t.Errorf("the link says %s", l[0].Mail)
	}
}

func TestDeferredMailIsGivenUp(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 2})
	if _, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@throttle.test")); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		s.Clock.Advance(2 * time.Hour)
		if _, err := s.Shares.SendDeferred(ctx, s.Clock.Now()); err != nil {
			t.Fatal(err)
		}
	}
	l, _, _ := s.Shares.List(ctx, s.Admin, share.Filter{Recipient: "a@throttle.test"}, file.Page{Limit: 1})
	if l[0].Mail != share.MailRejected {
		t.Errorf("the link says %s, want rejected at last", l[0].Mail)
	}
	if n, _ := s.Shares.SendDeferred(ctx, s.Clock.Now()); n != 0 {
		t.Error("it is still tried")
	}
}

func TestDeferredMailOfARevokedLinkIsNotSent(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 2})
	s.Post.Throttle = true
	if _, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test")); err != nil {
		t.Fatal(err)
	}
	revoke(t, s, sh)
	s.Post.Throttle = false
	s.Clock.Advance(time.Hour)
	if _, err := s.Shares.SendDeferred(ctx, s.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Post.Letters()); n != 0 {
		t.Errorf("%d letters about a revoked link", n)
	}
}

// forgetful loses what is told after the letters went out.
type forgetful struct{ share.Store }

func (forgetful) Mailed(context.Context, []share.Share, []share.Event) error {
	return errors.New("the store is away")
}

func (forgetful) Defer(context.Context, []share.Deferred) error {
	return errors.New("the store is away")
}

// A request that failed would be sent again, and with it letters that are out.
func TestMailThatIsOutDoesNotFail(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 2})
	s.Shares.Store = forgetful{s.Shares.Store}
	res, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test", "b@throttle.test"))
	if err != nil || res.Unrecorded == nil || len(res.Deliveries) != 2 {
		t.Fatalf("%+v, %v", res, err)
	}
	if res.Deliveries[0].State != share.MailSent || res.Deliveries[1].State != share.MailRejected {
		t.Errorf("%+v: what cannot be sent later must be said", res.Deliveries)
	}
}

func TestDeferredMailThatIsOutIsNotSentAgain(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 2})
	s.Post.Throttle = true
	if _, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test")); err != nil {
		t.Fatal(err)
	}
	s.Post.Throttle = false
	s.Shares.Store = forgetful{s.Shares.Store}
	for range 5 {
		s.Clock.Advance(time.Hour)
		_, _ = s.Shares.SendDeferred(ctx, s.Clock.Now()) // the first says that the record is missing
	}
	if n := len(s.Post.Letters()); n != 1 {
		t.Errorf("%d letters, want 1", n)
	}
}

// lossy has lost one mailing.
type lossy struct {
	share.Store
	lost string
}

func (l lossy) Mailing(ctx context.Context, id string) (share.Mailing, error) {
	if id == l.lost {
		return share.Mailing{}, errors.New("it cannot be read")
	}
	return l.Store.Mailing(ctx, id)
}

func TestOneBadDeferredMailStopsNoOther(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 2})
	s.Post.Throttle = true
	bad, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Shares.Mail(ctx, s.Admin, mailTo(sh, "b@x.test", "c@x.test")); err != nil {
		t.Fatal(err)
	}
	s.Post.Throttle = false
	s.Shares.Store = lossy{s.Shares.Store, bad.Mailing}
	for range 10 {
		s.Clock.Advance(2 * time.Hour)
		_, _ = s.Shares.SendDeferred(ctx, s.Clock.Now()) // says what is wrong with the first
	}
	if n := len(s.Post.Letters()); n != 2 {
		t.Errorf("%d letters, want the other two", n)
	}
	if n, err := s.Shares.SendDeferred(ctx, s.Clock.Now()); n != 0 || err != nil {
		t.Errorf("it is still tried: %d, %v", n, err)
	}
}

// crashing ends while it sends, as a function that is killed.
type crashing struct{}

func (crashing) Send(context.Context, []share.Letter) []share.Delivery { panic("killed") }

// What was never sent must not say that it will be.
func TestMailThatWasCutOffSaysUnknown(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 2})
	s.Shares.Post = crashing{}
	func() {
		defer func() { _ = recover() }()
		_, _ = s.Shares.Mail(ctx, s.Admin, mailTo(sh, "a@x.test"))
	}()
	l, _, err := s.Shares.List(ctx, s.Admin, share.Filter{Recipient: "a@x.test"}, file.Page{Limit: 1})
	if err != nil || len(l) != 1 || l[0].Mail != share.MailUnknown {
		t.Errorf("%+v, %v", l, err)
	}
	if _, _, err := s.Shares.Events(ctx, s.Admin, l[0].ID, file.Page{Limit: 1}); err != nil {
		t.Errorf("its trail: %v", err)
	}
}

func TestMailValidates(t *testing.T) {
	s, sh, _ := linked(t, share.New{Limit: 2})
	dead, _ := s.Link(t, s.Admin, share.New{FileID: sh.Target.FileID})
	revoke(t, s, dead)
	many := make([]string, share.MaxRecipientShares+1)
	for i := range many {
		many[i] = fmt.Sprintf("r%d@x.test", i)
	}
	tests := []struct {
		name  string
		r     share.MailRequest
		kind  fault.Kind
		field string
	}{
		{"nobody", mailTo(sh), fault.Missing, "recipients"},
		{"not an address", mailTo(sh, "a@x.test", "nobody"), fault.Invalid, "recipients[1]"},
		{"header injection", mailTo(sh, "a@x.test\r\nBcc: b@x.test"), fault.Invalid, "recipients[0]"},
		{"too many", mailTo(sh, many...), fault.Invalid, "recipients"},
		{"long message", share.MailRequest{Numbers: []int64{1}, Recipients: []string{"a@x.test"}, Message: strings.Repeat("é", share.MaxMessageLength+1)}, fault.Invalid, "message"},
		{"no such link", share.MailRequest{Numbers: []int64{99, -1, 0}, Recipients: []string{"a@x.test"}}, fault.NotFound, ""},
		{"too many links", share.MailRequest{Numbers: make([]int64, share.MaxRecipientShares+1), Recipients: []string{"a@x.test"}}, fault.Invalid, "shareable_link_ids"},
		{"revoked link", mailTo(dead, "a@x.test"), fault.NotFound, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := s.Shares.Mail(ctx, s.Admin, tt.r)
			if e := fault.As(err); e == nil || e.Kind != tt.kind || e.Field != tt.field {
				t.Errorf("%v, want %s of %q", err, tt.kind, tt.field)
			}
		})
	}
	if n := len(s.Post.Letters()); n != 0 {
		t.Errorf("%d letters went out all the same", n)
	}
}

func TestMailToManyInOneRequest(t *testing.T) {
	s, sh, _ := linked(t, share.New{})
	second, _ := s.Link(t, s.Admin, share.New{FileID: sh.Target.FileID})
	recipients := make([]string, 120)
	for i := range recipients {
		recipients[i] = fmt.Sprintf("r%d@x.test", i)
	}
	r := mailTo(sh, recipients...)
	r.Numbers = append(r.Numbers, second.Number, 77)
	if _, err := s.Shares.Mail(ctx, s.Admin, r); err != nil {
		t.Fatal(err)
	}
	letters := s.Post.Letters()
	if len(letters) != 120 || len(letters[119].Links) != 2 {
		t.Fatalf("%d letters, the last with %d links", len(letters), len(letters[len(letters)-1].Links))
	}
	if _, err := s.Shares.Follow(ctx, tokenOf(t, letters[119].Links[1].URL), visit("r")); err != nil {
		t.Error(err)
	}
}
