package latchkey

import (
	"time"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/file"
	"latchkey/shared/share"
)

func fileOf(f file.File) fileJSON {
	return fileJSON{
		ID: f.ID, MediaID: f.MediaID, AssetID: f.AssetID, Name: f.Name, ContentType: f.ContentType,
		Size: f.Size, SHA256: dialect.OrNull(f.SHA256), Kind: string(f.Kind),
		Assets: each(f.Assets, same), Maintenances: each(f.Maintenance, same), Status: string(f.State),
		Reason: dialect.OrNull(f.Reason), CreatedAt: stampOf(f.CreatedAt), ReadyAt: stampOf(f.ReadyAt),
	}
}

// same makes a list of texts one that is never null.
func same(s string) string { return s }

// uploadOf returns nil when nothing is left to upload.
func uploadOf(u file.Upload, origin string) *uploadJSON {
	if u.Method == "" {
		return nil
	}
	out := &uploadJSON{
		Method: u.Method, URL: u.URL, Fields: u.Fields,
		PartSize: u.PartSize, PartCount: dialect.OrNull(u.PartCount), ExpiresAt: stampOf(u.ExpiresAt),
	}
	for _, p := range u.Parts {
		out.Parts = append(out.Parts, partJSON{p.Number, p.URL})
	}
	if u.PartSize > 0 {
		out.CompleteURL = origin + "/api/v1/files/" + u.File.ID + "/complete"
	}
	return out
}

// linkOf shows a link and its URLs. That of a download link is followed by
// programs too, so it is the one of the MediaPocket dialect, which redirects.
// A named person's share has none of its own: that person's links are those of
// the recipient, each in a mail.
func linkOf(l share.Listed, origin string, now time.Time) linkJSON {
	out := linkJSON{
		ID: l.ID, Number: dialect.OrNull(l.Number), Kind: string(l.Kind), FileID: dialect.OrNull(l.Target.FileID),
		MediaID: dialect.OrNull(l.Target.MediaID), RecordingID: dialect.OrNull(l.Target.RecordingID), DocumentID: dialect.OrNull(l.Target.DocumentID), Filename: l.Target.Name,
		State: string(l.State(now)), ExpiresAt: stampOf(l.EndsAt()),
		Limit: l.Limit, Used: l.Used, Note: l.Note, Recipient: dialect.OrNull(l.Recipient),
		ParentID: dialect.OrNull(l.ParentID), MailState: dialect.OrNull(string(l.Mail)),
		CreatedAt: stampOf(l.CreatedAt), CreatedBy: l.CreatedBy, RevokedAt: stampOf(l.RevokedAt),
	}
	if l.Token != "" {
		page := origin + l.PagePath(l.Token)
		out.URL, out.PageURL = &page, &page
	}
	if l.Kind == share.Download {
		out.URL = dialect.OrNull(origin + "/api/v2/shareable_links/" + l.Token)
	}
	if left := l.Left(); left >= 0 {
		out.Remaining = &left
	}
	return out
}

func eventOf(e share.Event) eventJSON {
	return eventJSON{
		ID: e.ID, Type: string(e.Type), At: stampOf(e.At), LinkID: e.Share, ViaLinkID: dialect.OrNull(e.Via),
		FileID: dialect.OrNull(e.File), DocumentID: dialect.OrNull(e.Document), By: dialect.OrNull(e.By), From: dialect.OrNull(e.From), Agent: dialect.OrNull(e.Agent),
		Recipient: dialect.OrNull(e.Recipient), Reason: dialect.OrNull(e.Reason), Automatic: e.Automatic,
	}
}

func keyOf(k account.Key) keyJSON {
	return keyJSON{ID: k.ID, Name: k.Name, UserID: k.User, CreatedAt: stampOf(k.CreatedAt)}
}

// each maps a list; an empty one is [] in JSON, never null.
func each[From, To any](list []From, one func(From) To) []To {
	out := make([]To, len(list))
	for i, v := range list {
		out[i] = one(v)
	}
	return out
}
