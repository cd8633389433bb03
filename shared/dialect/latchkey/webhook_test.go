package latchkey_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"latchkey/shared/account"
	"latchkey/shared/webhook"
)

const aHook = `{"url":"https://example.com/hook","events":["transcription.finished","label.changed"]}`

// hooked makes a webhook and returns its target.
func (s *site) hooked(t *testing.T, body string) string {
	t.Helper()
	return "/webhooks/" + s.post(t, "/webhooks", body).text(t, "webhook.id")
}

// contract: SX-193, SX-195, SX-196, SX-199, SX-205
func TestWebhooks(t *testing.T) {
	s := newSite(t)
	made := s.post(t, "/webhooks", `{"url":"https://example.com/hook","events":["label.changed","transcription.finished","label.changed"],"secret":"hush hush"}`)
	hook := made.header("Location")
	if want := "/api/v1/webhooks/" + made.text(t, "webhook.id"); hook != want {
		t.Errorf("Location = %s, want %s", hook, want)
	}
	hook = strings.TrimPrefix(hook, "/api/v1")
	if diff := cmp.Diff([]any{"label.changed", "transcription.finished"}, made.field(t, "webhook.events")); diff != "" || made.field(t, "webhook.has_secret") != true {
		t.Errorf("made (-want +got):\n%s%s", diff, made.Body)
	}
	for _, target := range []string{hook, "/webhooks"} {
		a := s.get(t, target)
		if strings.Contains(a.Body, "whsec_") || strings.Contains(a.Body, "hush") {
			t.Errorf("%s shows a secret: %s", target, a.Body)
		}
	}
	if diff := cmp.Diff(made.field(t, "webhook"), s.get(t, "/webhooks").field(t, "webhooks.0")); diff != "" {
		t.Errorf("listed (-made +listed):\n%s", diff)
	}
	s.Clock.Advance(time.Second)
	changed := s.want(t, 200, request{method: "PATCH", target: hook, body: `{"url":"https://example.org/","secret":null,"disabled":true}`})
	if changed.text(t, "url") != "https://example.org/" || changed.field(t, "has_secret") != false || changed.field(t, "disabled") != true || changed.text(t, "updated_at") != "2023-11-27T09:43:40.000Z" {
		t.Errorf("changed: %s", changed.Body)
	}
	if diff := cmp.Diff(changed.whole(t), s.get(t, hook).whole(t)); diff != "" {
		t.Errorf("read (-changed +read):\n%s", diff)
	}
	other, _ := s.Organization(t, "Other", "other@other.test")
	for _, r := range []request{
		{method: "GET", target: hook}, {method: "PATCH", target: hook, body: `{"disabled":false}`}, {method: "DELETE", target: hook},
		{method: "POST", target: hook + "/test"}, {method: "POST", target: hook + "/rotate"}, {method: "GET", target: hook + "/deliveries"},
	} {
		r.key = other
		s.want(t, 404, r)
	}
	for _, act := range []string{"/test", "/deliveries/018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa/replay"} {
		s.want(t, 409, request{method: "POST", target: hook + act})
	}
	s.want(t, 204, request{method: "DELETE", target: hook})
	s.want(t, 404, request{method: "GET", target: hook})
	s.want(t, 404, request{method: "DELETE", target: hook})
	if strings.Contains(s.log.String(), "hush") || strings.Contains(s.log.String(), "whsec_") {
		t.Error("the log has a secret")
	}
}

// contract: SX-196, SX-197
func TestDeliveriesOfATest(t *testing.T) {
	s := newSite(t)
	hook := s.hooked(t, `{"url":"https://example.com/hook","events":["label.changed"],"secret":"hush"}`)
	test := s.want(t, 202, request{method: "POST", target: hook + "/test"})
	s.Receivers.Status = 500
	s.Work(t)
	got := s.Receivers.Take()
	if len(got) != 1 || got[0].Headers["webhook-id"] != test.text(t, "id") || got[0].Headers["X-Webhook-Signature"] == "" ||
		got[0].Body != `{"data":{"webhook_id":"`+strings.TrimPrefix(hook, "/webhooks/")+`"},"event":"webhook.test"}` {
		t.Fatalf("got %+v", got)
	}
	list := s.get(t, hook+"/deliveries")
	if list.text(t, "deliveries.0.state") != "pending" || list.text(t, "deliveries.0.attempts.0.reason") != "the server answered 500" || list.field(t, "deliveries.0.next_attempt_at") == nil {
		t.Errorf("after a failure: %s", list.Body)
	}
	s.Receivers.Status = 204
	again := keyed("k", request{method: "POST", target: hook + "/deliveries/" + test.text(t, "id") + "/replay"})
	for range 2 { // the second is answered with what the first did
		if a := s.want(t, 202, again); a.field(t, "replays") != 1.0 {
			t.Errorf("replayed: %s", a.Body)
		}
	}
	s.Work(t)
	if more := s.Receivers.Take(); len(more) != 1 || more[0].Body != got[0].Body || more[0].Headers["webhook-id"] != test.text(t, "id") {
		t.Errorf("replayed: %+v", more)
	}
	list = s.get(t, hook+"/deliveries")
	if list.text(t, "deliveries.0.state") != "delivered" || list.field(t, "deliveries.0.attempts.1.status") != 204.0 || list.field(t, "deliveries.0.next_attempt_at") != nil {
		t.Errorf("after the replay: %s", list.Body)
	}
	s.Clock.Advance(time.Second)
	s.want(t, 202, request{method: "POST", target: hook + "/test"})
	first := s.get(t, hook+"/deliveries?limit=1")
	second := s.get(t, hook+"/deliveries?limit=1&cursor="+first.text(t, "next_cursor"))
	if first.text(t, "deliveries.0.id") == test.text(t, "id") || second.text(t, "deliveries.0.id") != test.text(t, "id") {
		t.Errorf("the newest is not first: %s, %s", first.Body, second.Body)
	}
	s.get(t, "/webhooks/callbacks/deliveries")
	s.want(t, 404, request{method: "POST", target: "/webhooks/callbacks/deliveries/" + test.text(t, "id") + "/replay"})
	s.want(t, 404, request{method: "POST", target: "/webhooks/callbacks/test"})
}

func TestGone(t *testing.T) {
	s := newSite(t)
	hook := s.hooked(t, aHook)
	s.want(t, 202, request{method: "POST", target: hook + "/test"})
	s.Receivers.Status = 410
	s.Work(t)
	if a := s.get(t, hook); a.field(t, "disabled") != true || a.text(t, "disabled_reason") != "its server answered 410: it wants no more" {
		t.Errorf("after a 410: %s", a.Body)
	}
	if a := s.want(t, 200, request{method: "PATCH", target: hook, body: `{"disabled":false}`}); a.field(t, "disabled_reason") != nil {
		t.Errorf("enabled: %s", a.Body)
	}
}

// What is still to be delivered to a webhook that is deleted is not.
func TestDeletedWebhooksGetNothing(t *testing.T) {
	s := newSite(t)
	hook := s.hooked(t, aHook)
	s.want(t, 202, request{method: "POST", target: hook + "/test"})
	s.want(t, 204, request{method: "DELETE", target: hook})
	s.Work(t)
	if got := s.Receivers.Take(); len(got) > 0 {
		t.Errorf("got %+v", got)
	}
}

func TestRotation(t *testing.T) {
	s := newSite(t)
	made := s.post(t, "/webhooks", aHook)
	hook := "/webhooks/" + made.text(t, "webhook.id")
	rotate := keyed("k", request{method: "POST", target: hook + "/rotate"})
	first, again := s.want(t, 200, rotate), s.want(t, 200, rotate)
	if secret := first.text(t, "signing_secret"); secret == made.text(t, "signing_secret") || again.field(t, "signing_secret") != nil {
		t.Errorf("rotated: %s, again: %s", first.Body, again.Body)
	}
	if diff := cmp.Diff(first.field(t, "webhook"), again.field(t, "webhook")); diff != "" || first.text(t, "webhook.previous_signing_secret_until") != "2023-11-28T09:43:39.000Z" {
		t.Errorf("again (-first +again):\n%s%s", diff, first.Body)
	}
	s.want(t, 202, request{method: "POST", target: hook + "/test"})
	s.Work(t)
	if got := s.Receivers.Take(); strings.Count(got[0].Headers["webhook-signature"], "v1,") != 2 {
		t.Errorf("signed %v", got)
	}
	for range webhook.MaxPrevious - 1 {
		s.want(t, 200, request{method: "POST", target: hook + "/rotate"})
	}
	s.want(t, 409, request{method: "POST", target: hook + "/rotate"})
	s.Clock.Advance(webhook.RotateFor)
	s.Accounts.Store = demoted{s.Accounts.Store, account.Admin}
	if a := s.get(t, hook); a.field(t, "previous_signing_secret_until") != nil {
		t.Errorf("a day later: %s", a.Body)
	}
	s.want(t, 200, request{method: "POST", target: hook + "/rotate"})
}

func TestReplayedCreationOfAWebhook(t *testing.T) {
	s := newSite(t)
	create := keyed("k", request{method: "POST", target: "/webhooks", body: aHook})
	first, again := s.want(t, 201, create), s.want(t, 201, create)
	if diff := cmp.Diff(first.field(t, "webhook"), again.field(t, "webhook")); diff != "" || again.field(t, "signing_secret") != nil {
		t.Errorf("again (-first +again):\n%s%s", diff, again.Body)
	}
	hook := "/webhooks/" + first.text(t, "webhook.id")
	test := keyed("k", request{method: "POST", target: hook + "/test"})
	if a, b := s.want(t, 202, test), s.want(t, 202, test); a.text(t, "id") != b.text(t, "id") {
		t.Errorf("two tests: %s, %s", a.Body, b.Body)
	}
	for range webhook.MaxWebhooks - 1 {
		s.post(t, "/webhooks", aHook)
	}
	s.want(t, 409, request{method: "POST", target: "/webhooks", body: aHook})
}

func TestBadWebhooks(t *testing.T) {
	s := newSite(t)
	hook := s.hooked(t, aHook)
	var tests []refused
	for _, bad := range []refused{
		{name: "an array", body: `[]`, status: 400},
		{name: "half", body: `{"url":`, status: 400},
		{name: "twice", body: `{"url":"https://a.example/","url":"https://a.example/"}`, status: 400, fields: []string{"url"}},
		{name: "unknown", body: `{"URL":"https://a.example/"}`, status: 422, fields: []string{"URL"}},
		{name: "http", body: `{"url":"http://a.example/","events":["label.changed"]}`, status: 422, fields: []string{"url"}},
		{name: "no text", body: `{"url":1,"events":["label.changed"]}`, status: 422, fields: []string{"url"}},
		{name: "null", body: `{"url":null,"events":["label.changed"]}`, status: 422, fields: []string{"url"}},
		{name: "no events", body: `{"url":"https://a.example/","events":[]}`, status: 422, fields: []string{"events"}},
		{name: "a text", body: `{"url":"https://a.example/","events":"label.changed"}`, status: 422, fields: []string{"events"}},
		{name: "a number", body: `{"url":"https://a.example/","events":[1]}`, status: 422, fields: []string{"events[0]"}},
		{name: "an event of none", body: `{"url":"https://a.example/","events":["webhook.test"]}`, status: 422, fields: []string{"events"}},
		{name: "a secret that is none", body: `{"url":"https://a.example/","events":["label.changed"],"secret":1}`, status: 422, fields: []string{"secret"}},
		{name: "a long secret", body: `{"url":"https://a.example/","events":["label.changed"],"secret":"` + strings.Repeat("é", 129) + `"}`, status: 422, fields: []string{"secret"}},
	} {
		bad.method, bad.target = "POST", "/webhooks"
		tests = append(tests, bad)
		bad.method, bad.target = "PATCH", hook
		tests = append(tests, bad)
	}
	s.refuse(t, append(tests,
		refused{"nothing", "POST", "/webhooks", `{}`, 422, []string{"url"}},
		refused{"no events", "POST", "/webhooks", `{"url":"https://a.example/"}`, 422, []string{"events"}},
		refused{"disabled from the start", "POST", "/webhooks", `{"url":"https://a.example/","events":["label.changed"],"disabled":true}`, 422, []string{"disabled"}},
		refused{"nothing", "PATCH", hook, `{}`, 422, nil},
		refused{"disabled", "PATCH", hook, `{"disabled":"yes"}`, 422, []string{"disabled"}},
		refused{"null", "PATCH", hook, `{"disabled":null}`, 422, []string{"disabled"}},
		refused{"a body", "POST", hook + "/test", `{"event":"label.changed"}`, 422, []string{"event"}},
		refused{"a body", "POST", hook + "/rotate", `{"secret":"x"}`, 422, []string{"secret"}},
		refused{"a parameter", "POST", hook + "/test?event=x", ``, 422, []string{"event"}},
		refused{"a cursor", "GET", hook + "/deliveries?cursor=x", ``, 422, []string{"cursor"}},
		refused{"a filter", "GET", hook + "/deliveries?state=failed", ``, 422, []string{"state"}},
		refused{"no id", "POST", hook + "/deliveries/x/replay", ``, 404, nil},
		refused{"nobody's", "POST", hook + "/deliveries/018c10a1-5c30-7b1f-9d3e-2f6a54c0b7aa/replay", ``, 404, nil},
		refused{"nobody's", "GET", "/webhooks/0123456789abcdeg/deliveries", ``, 404, nil},
		refused{"no id", "GET", "/webhooks/x", ``, 404, nil},
	))
}
