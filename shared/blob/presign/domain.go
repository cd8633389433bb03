package presign

import (
	"context"
	"time"

	"latchkey/shared/file"
	"latchkey/shared/share"
)

// Downloads presigns what shares lead to.
type Downloads struct{ *Presigner }

var _ share.Presigner = Downloads{}

// Download implements share.Presigner.
func (d Downloads) Download(ctx context.Context, t share.Target, life time.Duration) (string, error) {
	url, _, err := d.Get(ctx, t.Object, GetOptions{FileName: t.Name, ContentType: t.ContentType, Life: life})
	return url, err
}

// Uploads presigns how files get to the bucket.
type Uploads struct{ *Presigner }

var _ file.Presigner = Uploads{}

// Form implements file.Presigner.
func (u Uploads) Form(ctx context.Context, key string, f file.File) (string, map[string]string, time.Time, error) {
	o := PostOptions{ContentType: f.ContentType, Min: f.Size, Max: f.Size, SHA256: f.SHA256, Life: file.URLLife}
	if f.Size == 0 {
		o.Max = file.MaxFormBytes
	}
	return u.Post(ctx, key, o)
}

// Put implements file.Presigner.
func (u Uploads) Put(ctx context.Context, key string, life time.Duration) (string, time.Time, error) {
	return u.Any(ctx, key, life)
}

// Play implements file.Presigner.
func (u Uploads) Play(ctx context.Context, f file.File, download bool) (string, error) {
	url, _, err := u.Get(ctx, f.Object(), GetOptions{FileName: f.Name, ContentType: f.ContentType, Inline: !download})
	return url, err
}

// Part implements file.Presigner.
func (u Uploads) Part(ctx context.Context, key, uploadID string, number int) (string, time.Time, error) {
	return u.Presigner.Part(ctx, key, uploadID, number, file.URLLife)
}
