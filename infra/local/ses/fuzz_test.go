package ses_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"latchkey/infra/local/inbox"
	"latchkey/infra/local/ses"
)

// Whatever is posted is answered, by a success or by a refusal.
func FuzzSendEmail(f *testing.F) {
	f.Add(`{"FromEmailAddress":"a@b.c","Destination":{"ToAddresses":["a@b.c"]},"Content":{"Simple":{"Body":{"Text":{"Data":"x"}}}}}`)
	f.Add(`{"Content":{"Raw":{"Data":"RnJvbTogYUBiLmMKVG86IGFAYi5jCkNvbnRlbnQtVHlwZTogbXVsdGlwYXJ0L21peGVkOyBib3VuZGFyeT1hCgotLWEKCngKLS1hLS0="}}}`)
	f.Add(`{"FromEmailAddress":"a@b.c","Destination":{"ToAddresses":["a@b.c"]},"Content":{"Template":{"TemplateContent":{"Text":"{{{a}} {{b.c}}"},"TemplateData":"{\"a\":[]}"}}}`)
	f.Fuzz(func(t *testing.T, body string) {
		h := ses.Handler(ses.Config{Deliver: func(m inbox.Message) error {
			if strings.ContainsAny(m.From+strings.Join(m.To, ""), "\r\n") {
				t.Errorf("a line break in an address: %q %q", m.From, m.To)
			}
			return nil
		}})
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", "/v2/email/outbound-emails", strings.NewReader(body)))
		if w.Code != 200 && w.Code/100 != 4 || w.Code != 200 && w.Header().Get("X-Amzn-ErrorType") == "" {
			t.Errorf("answer = %d %s", w.Code, w.Body)
		}
	})
}
