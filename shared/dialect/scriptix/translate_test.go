package scriptix

import (
	"strings"
	"testing"
)

// contract: FF-15
func TestTranslate(t *testing.T) {
	s := newSite(t)
	one, several := "POST "+s.document+"/translate", "POST "+s.document+"/translate-multiple"
	refused := `"message":"no translation engine is set up","status":400`
	want(t, "one", s.owner(t, one, `{"language":"FR","filename":"Procès-verbal","webhook_url":"https://a.test"}`), 400, refused)
	want(t, "several", s.owner(t, several, `{"languages":["FR","de-AT"]}`), 400, refused)
	for body, loc := range map[string]string{
		``: `["body","language"]`, `{"language":null}`: `["body","language"]`, `{"language":7}`: `["body","language"]`, `{"language":"French, please"}`: `["body","language"]`,
		`{"language":"fr","filename":"` + strings.Repeat("a", 201) + `"}`: `["body","filename"]`,
	} {
		want(t, body, s.owner(t, one, body), 422, `{"detail":[{"loc":`+loc)
	}
	for body, loc := range map[string]string{
		`{}`: `["body","languages"]`, `{"languages":[]}`: `["body","languages"]`, `{"languages":"fr"}`: `["body","languages"]`, `{"languages":["fr",7]}`: `["body","languages",1]`,
		`{"languages":["fr"` + strings.Repeat(`,"de"`, 50) + `]}`: `["body","languages"]`, `{"languages":["fr"],"filename":"a\nb"}`: `["body","filename"]`,
	} {
		want(t, body, s.owner(t, several, body), 422, `{"detail":[{"loc":`+loc)
	}
	want(t, "by a link", s.visit(t, one+"?token="+s.link(t)), 403, `"status":403`)
}
