// Package sonix speaks Sonix's API: media, their transcripts and what engines
// make of them, folders, users and shares. Every parameter may come in the
// query or in the body, in any of three encodings and with any method, as its
// clients send them. It refuses to decide anything: package recording does.
package sonix

import (
	"context"
	"net/http"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/recording"
	"latchkey/shared/share"
	"latchkey/shared/transcript"
)

// Recordings is what this dialect needs of recordings.
type Recordings interface {
	Own(ctx context.Context, who account.Principal, op account.Operation, recordingID, documentID string) (recording.Access, error)
	Create(ctx context.Context, who account.Principal, n recording.NewRecording) (recording.Recording, error)
	PutMedia(ctx context.Context, who account.Principal, r recording.Recording, body []byte) (recording.Recording, error)
	List(ctx context.Context, who account.Principal, q recording.Query) ([]recording.Recording, int, error)
	Update(ctx context.Context, a recording.Access, c recording.Change) (recording.Recording, error)
	Delete(ctx context.Context, who account.Principal, recordingID string) error
	Main(ctx context.Context, a recording.Access, language string) (recording.Access, error)
	Read(ctx context.Context, a recording.Access) (recording.Read, error)
	UpdateDocument(ctx context.Context, a recording.Access, e recording.Edit) (recording.Read, error)
	Split(ctx context.Context, a recording.Access, l transcript.Limits) (recording.Read, error)
	PublicTokens(ctx context.Context, list ...recording.Recording) (map[string]string, error)

	Folders(ctx context.Context, who account.Principal) (recording.Tree, error)
	AddFolder(ctx context.Context, who account.Principal, c recording.FolderChange) (recording.Folder, error)
	ChangeFolder(ctx context.Context, who account.Principal, id string, c recording.FolderChange) (recording.Folder, error)
	DeleteFolder(ctx context.Context, who account.Principal, id string) error

	ShareWith(ctx context.Context, a recording.Access, n recording.Sharing) (share.Share, error)
	SharedWith(ctx context.Context, a recording.Access) ([]share.Share, error)
	Unshare(ctx context.Context, a recording.Access, email string) error

	Products
}

var _ Recordings = (*recording.Service)(nil)

// API is the dialect over the domain.
type API struct {
	Accounts   Accounts
	Recordings Recordings
	Origin     string // of public URLs; "" for the API's own
}

// Routes are all of them; the media function.
func (a API) Routes() []dialect.Route {
	text := a.export("text/plain; charset=utf-8", asText)
	srt := a.export(transcript.ContentType(transcript.SRT), asCaptions(transcript.SRT))
	vtt := a.export(transcript.ContentType(transcript.VTT), asCaptions(transcript.VTT))
	words := a.export("application/json; charset=utf-8", asWords)
	return []dialect.Route{
		a.route("GET /v1/media", a.listMedia),
		a.routeFile("POST /v1/media", a.createMedia),
		a.route("GET /v1/media/{media}", a.media),
		a.routeFile("POST /v1/media/{media}", a.transcribeAnew),
		a.route("PUT /v1/media/{media}", a.changeMedia),
		a.route("DELETE /v1/media/{media}", a.deleteMedia),

		a.route("GET /v1/media/{media}/transcript", text),
		a.route("GET /v1/media/{media}/transcript.srt", srt),
		a.route("GET /v1/media/{media}/transcript.vtt", vtt),
		a.route("GET /v1/media/{media}/transcript.json", words),
		a.routeFile("PUT /v1/media/{media}/transcript", a.putTranscript),
		a.route("PUT /v1/media/{media}/transcript/split", a.split),
		a.route("GET /v1/media/{media}/translations/{language}/transcript", text),
		a.route("GET /v1/media/{media}/translations/{language}/transcript.srt", srt),
		a.route("GET /v1/media/{media}/translations/{language}/transcript.vtt", vtt),
		a.route("GET /v1/media/{media}/translations/{language}/transcript.json", words),

		a.route("POST /v1/media/{media}/shares", a.share),
		a.route("POST /v1/media/{media}/share", a.share),
		a.route("GET /v1/media/{media}/shares", a.shares),
		a.route("GET /v1/media/{media}/share", a.shares),
		a.route("DELETE /v1/media/{media}/shares", a.unshare),
		a.route("DELETE /v1/media/{media}/share", a.unshare),

		a.route("POST /v1/media/{media}/translations", a.translate),
		a.route("GET /v1/media/{media}/translations/{language}", a.translation),
		a.route("POST /v1/media/{media}/summarizations", a.summarize),
		a.route("GET /v1/summarizations/{summarization}", a.summary),
		a.route("POST /v1/folders/{folder}/batch_summarizations", a.addBatch),
		a.route("GET /v1/folders/{folder}/batch_summarizations", a.batches),
		a.route("GET /v1/batch_summarizations/{batch}", a.batch),
		a.route("POST /v1/media/{media}/media_exports", a.addExport),
		a.route("GET /v1/media_exports/{export}", a.mediaExport),
		{Pattern: "GET /v1/media_exports/file/{token}", Handler: a.download},
		a.route("POST /v1/media/{media}/video_burn_ins", a.addBurnIn),
		a.route("GET /v1/video_burn_ins/{burn_in}", a.burnIn),
		{Pattern: "GET /v1/video_burn_ins/file/{token}", Handler: a.download},

		a.route("POST /v1/folders", a.addFolder),
		a.route("POST /v1/media/folders", a.addFolder),
		a.route("GET /v1/folders", a.folders),
		a.route("PUT /v1/folders/{folder}", a.changeFolder),
		a.route("DELETE /v1/folders/{folder}", a.deleteFolder),

		a.route("GET /v1/users", a.users),
		a.route("POST /v1/users", a.invite),
		a.route("PUT /v1/users/{user}", a.changeUser),
	}
}

// call is what a request asks for: whoever makes it is known.
type call struct {
	*http.Request
	who  account.Principal
	form dialect.Form
}

// MaxFile is the size of the largest file that comes through the API itself,
// in bytes: Lambda's event takes little more.
const MaxFile = 4_000_000

// route is one line of the table. do returns a dialect.Response, or what is
// answered as JSON.
func (a API) route(pattern string, do func(call) (any, error)) dialect.Route {
	return dialect.Route{Pattern: pattern, Handler: a.handler(0, do)}
}

// routeFile is route for what takes a file.
func (a API) routeFile(pattern string, do func(call) (any, error)) dialect.Route {
	return dialect.Route{Pattern: pattern, Handler: a.handler(MaxFile, do)}
}

func (a API) handler(maxFile int64, do func(call) (any, error)) dialect.Handler {
	return func(r *http.Request) (dialect.Response, error) {
		who, err := dialect.Authenticate(a.Accounts, r)
		if err == nil {
			err = standing(who)
		}
		if err != nil {
			return dialect.Response{}, err
		}
		form, err := dialect.ReadForm(r, maxFile)
		if err != nil {
			return dialect.Response{}, tellWays(err)
		}
		out, err := do(call{r, who, form})
		if err != nil {
			return dialect.Response{}, err
		}
		if res, ok := out.(dialect.Response); ok {
			return res, nil
		}
		return dialect.JSON(http.StatusOK, out)
	}
}

// text returns a parameter, "" if it is absent or empty.
func (c call) text(name string) (string, error) {
	s, _, err := c.form.String(name)
	return s, err
}

// texts reads parameters that are absent, or empty, by default.
func (c call) texts(to map[string]*string) (err error) {
	for name, p := range to {
		if *p, err = c.text(name); err != nil {
			return err
		}
	}
	return nil
}

// given returns a parameter, nil if it is absent.
func (c call) given(name string) (*string, error) {
	s, ok, err := c.form.String(name)
	if !ok {
		return nil, err
	}
	return &s, err
}

// deleted is what a deletion answers: a 200 that says 204.
func deleted() any {
	return struct {
		Status int `json:"status"`
	}{http.StatusNoContent}
}
