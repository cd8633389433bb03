package webhook

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestSign holds signatures to values that others computed: the Standard
// Webhooks libraries' own test vector, and the rest by Python's hmac and
// OpenSSL.
//
// contract: SX-196, SX-197, SX-198
func TestSign(t *testing.T) {
	const (
		first  = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
		second = "whsec_ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
		id     = "01890a5d-ac96-774b-bcce-b302099a8057"
		body   = `{"event":"transcription.finished","data":{"media_id":"vK5prwBx","name":"Grüße.mp4"}}`
		one    = "v1,jljCPDMZuEtSfXn927Ij5fTLAKH8+OS//u0bvy8AaPM="
		two    = "v1,laXsOYH3CaizGz5IWkN3cYHyUO7u2ZtHS8s3mXkkrpM="
	)
	at := time.Unix(1700000000, 999)
	for name, tt := range map[string]struct {
		secrets  secrets
		id, body string
		at       time.Time
		want     map[string]string
	}{
		"the libraries'": {
			secrets{own: []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}}, "msg_p5jXN8AQM9LWM0D4loKWxJek", `{"test": 2432232314}`, time.Unix(1614265330, 0),
			map[string]string{
				"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
				"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
			},
		},
		"ours": {secrets{own: []string{first}}, id, body, at, map[string]string{
			"webhook-id": id, "webhook-timestamp": "1700000000", "webhook-signature": one,
		}},
		"rotated": {secrets{own: []string{second, first}}, id, body, at, map[string]string{
			"webhook-id": id, "webhook-timestamp": "1700000000", "webhook-signature": two + " " + one,
		}},
		"the caller's too": {secrets{[]string{first}, "pä$$ wörd"}, id, body, at, map[string]string{
			"webhook-id": id, "webhook-timestamp": "1700000000", "webhook-signature": one,
			"X-Webhook-Signature": "dc9e6687ef740a5675dbc69a5cbc0d9bf846470527a671ca8ed05fb8837ae25e",
		}},
		"a callback": {secrets{}, id, body, at, map[string]string{"webhook-id": id, "webhook-timestamp": "1700000000"}},
	} {
		got, err := sign(tt.secrets, tt.id, tt.at, []byte(tt.body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := sign(secrets{own: []string{"another"}}, id, at, nil); err == nil {
		t.Error("a text that is no secret signs")
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 27, 3, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, "0": 0, "-5": 0, "1.5": 0, "soon": 0, "99999999999999": 0, " 7": 0,
		"Fri, 27 Nov 2026 03:10:00 GMT": 10 * time.Minute, "Fri, 27 Nov 2026 02:00:00 GMT": -time.Hour,
	} {
		if got := parseRetry(text, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
