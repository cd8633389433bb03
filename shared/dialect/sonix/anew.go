package sonix

import (
	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// transcribeAnew has a media that is there transcribed with other parameters,
// or from another file. What is not given stays as it is.
func (a API) transcribeAnew(c call) (any, error) {
	to, err := a.open(c, account.WriteRecordings)
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"name", "folder_id", "custom_data"} {
		if given, err := c.given(name); err != nil || given != nil && *given != "" {
			return nil, fault.Field(fault.Invalid, name, "is not for media that is transcribed anew: POST /v1/media makes one, PUT changes its name and folder")
		}
	}
	n, err := c.anew()
	if err != nil {
		return nil, err
	}
	r, err := a.Recordings.Retranscribe(c.Context(), to, n)
	if err != nil {
		return nil, named(err)
	}
	return a.one(c, r)
}

func (c call) anew() (n recording.Retranscription, err error) {
	file, err := c.source(&n.Source)
	if err != nil {
		return n, err
	}
	if file != nil {
		n.Media = file.Body
	}
	if n.Language, err = c.given("language"); err != nil {
		return n, err
	}
	if n.Language != nil && !isLanguage(*n.Language) {
		return n, errLanguage("language")
	}
	if n.Callback, err = c.given("callback_url"); err != nil {
		return n, err
	}
	if n.Script, err = c.text("transcript_text"); err != nil {
		return n, err
	}
	h, err := c.hints()
	if err != nil {
		return n, err
	}
	if c.form.Has("keywords") {
		n.Keywords = &h.keywords
	}
	if c.form.Has("multitrack") {
		n.Multichannel = &h.multitrack
	}
	if c.form.Has("speaker_labels") {
		n.Speakers = &h.speakers
	}
	return n, nil
}
