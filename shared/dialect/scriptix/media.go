package scriptix

import (
	"net/http"

	"latchkey/shared/dialect"
	"latchkey/shared/recording"
)

type uploadJSON struct {
	URL       string `json:"upload_url"`
	ExpiresAt string `json:"expires_at"`
	SessionID string `json:"session_id"`
	Most      int64  `json:"max_file_size"` // bytes
}

// uploadURL answers where the session's media goes, with one plain PUT.
func (a API) uploadURL(r *http.Request, to recording.Access, _ struct{}) (dialect.Response, error) {
	u, err := a.Recordings.UploadURL(r.Context(), to)
	if err != nil {
		return dialect.Response{}, err
	}
	res, err := dialect.JSON(http.StatusOK, map[string]uploadJSON{"result": {
		u.URL, stamp(u.ExpiresAt), sessionPrefix + to.Recording.ID, recording.MaxUpload,
	}})
	if err == nil {
		dialect.Capability(res.Header)
	}
	return res, err
}

// play leads to the session's media, to be played; each time anew, so that a
// player whose URL has died asks here again.
func (a API) play(r *http.Request, to recording.Access, _ struct{}) (dialect.Response, error) {
	return a.lead(r, to, false)
}

// lead redirects to the session's media. HEAD tells only that there is some.
func (a API) lead(r *http.Request, to recording.Access, download bool) (dialect.Response, error) {
	url, err := a.Recordings.Play(r.Context(), to, download)
	if err != nil {
		return dialect.Response{}, err
	}
	res := dialect.Response{Status: http.StatusOK, Header: http.Header{}}
	if r.Method != http.MethodHead {
		res.Status = http.StatusFound
		res.Header.Set("Location", url)
	}
	dialect.Capability(res.Header)
	return res, nil
}
