package sonix

import (
	"errors"
	"time"

	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// batchJSON is a batch on every route, under both names that the text gives
// its id.
type batchJSON struct {
	ID        string      `json:"id"`
	BatchID   string      `json:"batch_summarization_id"`
	Status    string      `json:"status"`
	Prompt    string      `json:"prompt"`
	CreatedAt string      `json:"created_at"` // ISO 8601, here alone
	Summaries *[]partJSON `json:"summaries,omitempty"`
}

type partJSON struct {
	Media   string  `json:"media_id"`
	Summary *string `json:"summary"` // null until it is completed
	Reason  string  `json:"failure_reason,omitempty"`
}

func batchOf(b recording.Batch) batchJSON {
	return batchJSON{b.ID, b.ID, string(b.Status), b.Prompt, b.CreatedAt.UTC().Format(time.RFC3339), nil}
}

// folder is the id of the path's.
func (c call) folder() string {
	if id := c.PathValue("folder"); id != rootID {
		return id
	}
	return ""
}

func (a API) addBatch(c call) (any, error) {
	prompt, err := c.text("prompt")
	if err != nil {
		return nil, err
	}
	once, err := c.once(prompt)
	if err != nil {
		return nil, err
	}
	b, err := a.Recordings.AddBatch(c.Context(), c.who, c.folder(), prompt, once)
	switch {
	case errors.Is(err, recording.ErrBatchTooLong):
		return nil, fault.Wrap(tooMuch, err, "%s", recording.ErrBatchTooLong.Message)
	case err != nil:
		return nil, err
	}
	return batchOf(b), nil
}

func (a API) batches(c call) (any, error) {
	list, err := a.Recordings.Batches(c.Context(), c.who, c.folder())
	if err != nil {
		return nil, err
	}
	out := make([]batchJSON, len(list))
	for i, b := range list {
		out[i] = batchOf(b)
	}
	return struct {
		Batches []batchJSON `json:"batch_summarizations"`
	}{out}, nil
}

func (a API) batch(c call) (any, error) {
	b, made, err := a.Recordings.Batch(c.Context(), c.who, c.PathValue("batch"))
	if err != nil {
		return nil, notFound("batch summarization", err)
	}
	parts := make([]partJSON, len(made))
	for i, p := range made {
		parts[i] = partJSON{Media: p.Recording, Reason: p.Reason}
		if p.Status != recording.Completed {
			continue
		}
		text, err := a.Recordings.Told(c.Context(), p)
		if err != nil {
			return nil, err
		}
		parts[i].Summary = &text
	}
	out := batchOf(b)
	out.Summaries = &parts
	return out, nil
}
