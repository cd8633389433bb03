package scriptix

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"strings"

	"latchkey/shared/dialect"
	"latchkey/shared/disposition"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

func readTranslation(r *http.Request) (t recording.Translation, err error) {
	o, err := readBody(r)
	if err == nil {
		err = noWebhook(o)
	}
	if err != nil {
		return t, err
	}
	language, there, err := o.String("language", "language")
	if err != nil {
		return t, err
	}
	if there {
		t.Languages = []string{small(language)}
	}
	t.Filename, _, err = o.String("filename", "filename")
	return t, err
}

func readTranslations(r *http.Request) (t recording.Translation, err error) {
	o, err := readBody(r)
	if err == nil {
		err = noWebhook(o)
	}
	if err != nil {
		return t, err
	}
	languages, _, err := o.Array("languages", "languages")
	if err != nil {
		return t, err
	}
	for _, v := range languages {
		language, _ := v.(string) // "" is no language
		t.Languages = append(t.Languages, small(language))
	}
	t.Filename, _, err = o.String("filename", "filename")
	return t, err
}

// small is "fr" for "FR" and "de-AT" for itself: this API's clients write
// languages large, and tags have them small.
func small(language string) string {
	base, rest, more := strings.Cut(language, "-")
	if more {
		rest = "-" + rest
	}
	return strings.ToLower(base) + rest
}

// translationJSON says how far a translation is. Its document is there once it
// is done.
type translationJSON struct {
	Document string `json:"document_id"`
	Session  string `json:"session_id"`
	Language string `json:"language"`
	Filename string `json:"filename"`
	Status   string `json:"status"`
}

// made are the words of this API for how far a translation is. One that failed
// is asked for again by asking.
var made = map[recording.Status]string{
	recording.Queued: "queued", recording.Processing: "processing", recording.Completed: "done",
}

func translationOf(to recording.Access, p recording.Product) translationJSON {
	return translationJSON{documentPrefix + p.Document, sessionPrefix + p.Recording, p.Language, cmp.Or(p.Filename, to.Document.Filename), made[p.Status]}
}

// translate names the one language as its route does.
func (a API) translate(r *http.Request, to recording.Access, t recording.Translation) (dialect.Response, error) {
	all, err := a.Recordings.Translate(r.Context(), to, t)
	if e := fault.As(err); e != nil && (e.Field == "languages" || e.Field == "languages[0]") {
		err = fault.Field(e.Kind, "language", "%s", e.Message)
	}
	if err != nil {
		return dialect.Response{}, err
	}
	return dialect.JSON(http.StatusOK, map[string]translationJSON{"result": translationOf(to, all[0])})
}

// translateMultiple answers with an archive, which has for each language what
// translate answers: "fr.json".
func (a API) translateMultiple(r *http.Request, to recording.Access, t recording.Translation) (dialect.Response, error) {
	all, err := a.Recordings.Translate(r.Context(), to, t)
	if err != nil {
		return dialect.Response{}, err
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	there := map[string]bool{}
	for _, p := range all {
		name := strings.ToLower(p.Language) + ".json"
		if there[name] {
			continue
		}
		there[name] = true
		w, err := z.Create(name)
		if err == nil {
			err = json.NewEncoder(w).Encode(map[string]translationJSON{"result": translationOf(to, p)})
		}
		if err != nil {
			return dialect.Response{}, err
		}
	}
	if err := z.Close(); err != nil {
		return dialect.Response{}, err
	}
	return dialect.Response{Status: http.StatusOK, Body: b.Bytes(), Header: http.Header{
		"Content-Type": {"application/zip"}, "Content-Disposition": {disposition.Header("attachment", to.Document.Filename+".zip")},
	}}, nil
}
