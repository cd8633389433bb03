package scriptix

import (
	"net/http"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

func readTranslation(r *http.Request) (t recording.Translation, err error) {
	o, err := readBody(r)
	if err != nil {
		return t, err
	}
	language, there, err := o.String("language", "language")
	if err != nil {
		return t, err
	}
	if there {
		t.Languages = []string{language}
	}
	t.Filename, _, err = o.String("filename", "filename")
	return t, err
}

func readTranslations(r *http.Request) (t recording.Translation, err error) {
	o, err := readBody(r)
	if err != nil {
		return t, err
	}
	languages, _, err := o.Array("languages", "languages")
	if err != nil {
		return t, err
	}
	for _, v := range languages {
		language, _ := v.(string) // "" is no language
		t.Languages = append(t.Languages, language)
	}
	t.Filename, _, err = o.String("filename", "filename")
	return t, err
}

// translate names the one language as its route does.
func (a API) translate(_ *http.Request, to recording.Access, t recording.Translation) (dialect.Response, error) {
	e := fault.As(to.Translate(t))
	if e != nil && (e.Field == "languages" || e.Field == "languages[0]") {
		return dialect.Response{}, fault.Field(e.Kind, "language", "%s", e.Message)
	}
	return dialect.Response{}, e
}

func (a API) translateMultiple(_ *http.Request, to recording.Access, t recording.Translation) (dialect.Response, error) {
	return dialect.Response{}, to.Translate(t)
}
