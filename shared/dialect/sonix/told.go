package sonix

import (
	"context"
	"encoding/json"

	"latchkey/shared/account"
	"latchkey/shared/recording"
)

// Bodies is what webhooks and callbacks are told of media. It implements
// webhook.Bodies.
type Bodies struct {
	Recordings Recordings
	Origin     string // of public URLs; "" leaves them out
}

// Media implements webhook.Bodies. Who is called back is told when work ended:
// when other work has begun since, its end is told, and this is not.
func (b Bodies) Media(ctx context.Context, organization, id string) (body []byte, callback string, err error) {
	who := account.Principal{Organization: organization, Role: account.Admin}
	a, err := b.Recordings.Own(ctx, who, account.ReadRecordings, id, "")
	if err != nil {
		return nil, "", err
	}
	r := a.Recording
	var token string
	if b.Origin != "" {
		tokens, err := b.Recordings.PublicTokens(ctx, r)
		if err != nil {
			return nil, "", err
		}
		token = tokens[r.ID]
	}
	var t recording.Tree
	if r.FolderID != "" {
		if t, err = b.Recordings.Folders(ctx, who); err != nil {
			return nil, "", err
		}
	}
	if r.Status == recording.Completed || r.Status == recording.Failed {
		callback = r.Callback
	}
	body, err = json.Marshal(MediaOf(r, t, b.Origin, token))
	return body, callback, err
}
