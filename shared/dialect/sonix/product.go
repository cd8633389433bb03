package sonix

import (
	"context"
	"encoding/json"
	"net/http"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// Products is what this dialect needs of what is made of recordings.
type Products interface {
	AddTranslation(ctx context.Context, a recording.Access, language string) (recording.Product, error)
	Translation(ctx context.Context, a recording.Access, language string) (recording.Product, error)
	AddSummary(ctx context.Context, a recording.Access, prompt string, h recording.Hints, once account.Once) (recording.Product, error)
	AddBurnIn(ctx context.Context, a recording.Access, language string, b recording.BurnIn, once account.Once) (recording.Product, error)
	AddExport(ctx context.Context, a recording.Access, e recording.Export, once account.Once) (recording.Product, error)
	Product(ctx context.Context, who account.Principal, kind recording.ProductKind, id string) (recording.Product, error)
	NewestBurnIn(ctx context.Context, a recording.Access) (recording.Product, error)
	Told(ctx context.Context, p recording.Product) (string, error)
	FileToken(ctx context.Context, p recording.Product) (string, error)
	Download(ctx context.Context, token string) (string, error)
	Retranscribe(ctx context.Context, a recording.Access, n recording.Retranscription) (recording.Recording, error)

	AddBatch(ctx context.Context, who account.Principal, folder, prompt string, once account.Once) (recording.Batch, error)
	Batch(ctx context.Context, who account.Principal, id string) (recording.Batch, []recording.Product, error)
	Batches(ctx context.Context, who account.Principal, folder string) ([]recording.Batch, error)
}

// progress is the API's word for how far something is that is made: only
// translations wait.
func progress(s recording.Status) string {
	if s == recording.Queued {
		s = recording.Processing
	}
	return string(s)
}

// notFound names what is not found.
func notFound(what string, err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.NotFound, "%s not found", what)
	}
	return err
}

type translationJSON struct {
	Language string `json:"language"`
	Status   string `json:"status"`
	Reason   string `json:"failure_reason,omitempty"`
}

func translationOf(p recording.Product, language string) translationJSON {
	return translationJSON{language, string(p.Status), p.Reason}
}

func (a API) translate(c call) (any, error) {
	to, err := a.open(c, account.WriteRecordings)
	if err != nil {
		return nil, err
	}
	language, err := c.language("language")
	if err != nil {
		return nil, err
	}
	p, err := a.Recordings.AddTranslation(c.Context(), to, language)
	if err != nil {
		return nil, err
	}
	return translationOf(p, language), nil
}

func (a API) translation(c call) (any, error) {
	to, err := a.open(c, account.ReadRecordings)
	if err != nil {
		return nil, err
	}
	p, err := a.Recordings.Translation(c.Context(), to, c.PathValue("language"))
	if err != nil {
		return nil, notFound("translation", err)
	}
	return translationOf(p, p.Language), nil
}

type summaryJSON struct {
	ID      string  `json:"summarization_id"`
	Status  string  `json:"status"`
	Prompt  string  `json:"prompt"`
	Summary *string `json:"summary"` // null until it is completed
	Reason  string  `json:"failure_reason,omitempty"`
}

func (a API) summaryOf(ctx context.Context, p recording.Product) (any, error) {
	out := summaryJSON{ID: p.ID, Status: progress(p.Status), Prompt: p.Prompt, Reason: p.Reason}
	if p.Status != recording.Completed {
		return out, nil
	}
	text, err := a.Recordings.Told(ctx, p)
	out.Summary = &text
	return out, err
}

func (a API) summarize(c call) (any, error) {
	to, err := a.open(c, account.WriteRecordings)
	if err != nil {
		return nil, err
	}
	var prompt string
	var h recording.Hints
	if err := c.texts(map[string]*string{"prompt": &prompt, "subtype": &h.Subtype}); err != nil {
		return nil, err
	}
	if h.Sentences, err = c.number("sentence_count"); err != nil {
		return nil, err
	}
	once, err := c.once(prompt, h)
	if err != nil {
		return nil, err
	}
	p, err := a.Recordings.AddSummary(c.Context(), to, prompt, h, once)
	if err != nil {
		return nil, err
	}
	return a.summaryOf(c.Context(), p)
}

// once is the request's Idempotency-Key; said is what the request says.
func (c call) once(said ...any) (account.Once, error) {
	b, err := json.Marshal(said)
	if err != nil {
		return account.Once{}, fault.Wrap(fault.Malformed, err, "the request could not be read")
	}
	once, err := dialect.ReadOnce(c.Request, string(b))
	return once.By(c.who.User), err
}

// number is 0 if it is absent. A 0 that is given is not the default: it is out
// of every range.
func (c call) number(name string) (int, error) {
	n, ok, err := c.form.Int(name)
	if ok && n == 0 {
		n = -1
	}
	return int(n), err
}

func (a API) summary(c call) (any, error) {
	p, err := a.Recordings.Product(c.Context(), c.who, recording.Summarized, c.PathValue("summarization"))
	if err != nil {
		return nil, notFound("summarization", err)
	}
	return a.summaryOf(c.Context(), p)
}

type exportJSON struct {
	ID     string  `json:"id"`
	Status string  `json:"status"`
	URL    *string `json:"file_url"` // null until it is completed
	Reason string  `json:"failure_reason,omitempty"`
}

// fileURL leads to what a product becomes.
func (a API) fileURL(c call, folder string, p recording.Product) (string, error) {
	token, err := a.Recordings.FileToken(c.Context(), p)
	return dialect.Origin(a.Origin, c.Request) + "/v1/" + folder + "/file/" + token, err
}

func (a API) exportOf(c call, p recording.Product) (any, error) {
	out := exportJSON{ID: p.ID, Status: progress(p.Status), Reason: p.Reason}
	if p.Status != recording.Completed {
		return out, nil
	}
	url, err := a.fileURL(c, "media_exports", p)
	out.URL = &url
	return out, err
}

func (a API) addExport(c call) (any, error) {
	to, err := a.open(c, account.WriteRecordings)
	if err != nil {
		return nil, err
	}
	var e recording.Export
	if e.Format, err = c.text("media_format"); err != nil {
		return nil, err
	}
	if e.Whole, _, err = c.form.Bool("remove_strikethrough"); err != nil {
		return nil, err
	}
	once, err := c.once(e)
	if err != nil {
		return nil, err
	}
	p, err := a.Recordings.AddExport(c.Context(), to, e, once)
	if err != nil {
		return nil, err
	}
	return a.exportOf(c, p)
}

func (a API) mediaExport(c call) (any, error) {
	p, err := a.Recordings.Product(c.Context(), c.who, recording.Exported, c.PathValue("export"))
	if err != nil {
		return nil, notFound("media export", err)
	}
	return a.exportOf(c, p)
}

type burnInJSON struct {
	ID     string `json:"video_export_id"`
	Status string `json:"status"`
	URL    string `json:"url"` // the same from the start
	Reason string `json:"failure_reason,omitempty"`
}

func (a API) burnInOf(c call, p recording.Product) (any, error) {
	url, err := a.fileURL(c, "video_burn_ins", p)
	return burnInJSON{p.ID, progress(p.Status), url, p.Reason}, err
}

func (a API) addBurnIn(c call) (any, error) {
	to, err := a.open(c, account.WriteRecordings)
	if err != nil {
		return nil, err
	}
	var b recording.BurnIn
	var language string
	if err := c.texts(map[string]*string{
		"language": &language, "font": &b.Font, "font_color": &b.FontColor, "h_align": &b.HAlign, "v_align": &b.VAlign,
		"border_style": &b.BorderStyle, "border_color": &b.BorderColor, "ratio": &b.Ratio, "export_position": &b.Position,
		"background_color": &b.Background,
	}); err != nil {
		return nil, err
	}
	if language != "" && !isLanguage(language) {
		return nil, errLanguage("language")
	}
	if b.FontSize, err = c.number("font_size"); err != nil {
		return nil, err
	}
	for name, to := range map[string]*bool{"bold": &b.Bold, "italic": &b.Italic} {
		if *to, _, err = c.form.Bool(name); err != nil {
			return nil, err
		}
	}
	once, err := c.once(language, b)
	if err != nil {
		return nil, err
	}
	p, err := a.Recordings.AddBurnIn(c.Context(), to, language, b, once)
	if err != nil {
		return nil, notFound("translation", err)
	}
	return a.burnInOf(c, p)
}

// burnIn shows a burn-in, or the newest of a media.
func (a API) burnIn(c call) (any, error) {
	id := c.PathValue("burn_in")
	p, err := a.Recordings.Product(c.Context(), c.who, recording.BurnedIn, id)
	if fault.Is(err, fault.NotFound) {
		var to recording.Access
		if to, err = a.Recordings.Own(c.Context(), c.who, account.ReadRecordings, id, ""); err == nil {
			p, err = a.Recordings.NewestBurnIn(c.Context(), to)
		}
	}
	if err != nil {
		return nil, notFound("video burn-in", err)
	}
	return a.burnInOf(c, p)
}

// download leads to a file that was made. Whoever has its URL needs no key,
// and HEAD tells only that it is there.
func (a API) download(r *http.Request) (dialect.Response, error) {
	url, err := a.Recordings.Download(r.Context(), r.PathValue("token"))
	if err != nil {
		return dialect.Response{}, notFound("file", err)
	}
	res := dialect.Response{Status: http.StatusOK, Header: http.Header{}}
	if r.Method != http.MethodHead {
		res.Status = http.StatusFound
		res.Header.Set("Location", url)
	}
	dialect.Capability(res.Header)
	return res, nil
}
