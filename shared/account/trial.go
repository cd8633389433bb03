package account

import (
	"context"
	"strings"
	"time"
)

// A trial is an organization that the check of a new version makes for
// itself. Its ID tells it from every other, whose ID is a UUID, so that what
// is noted of it elsewhere passes away too.
const trialPrefix = "trial-"

// TrialFor is how long what belongs to a trial stays when nobody takes it away.
const TrialFor = 24 * time.Hour

// IsTrial reports whether an organization is a trial.
func IsTrial(organization string) bool { return strings.HasPrefix(organization, trialPrefix) }

// FoundTrial makes a trial, as Found makes an organization.
func (s *Service) FoundTrial(ctx context.Context) (Founding, error) {
	id := trialPrefix + s.IDs.UUID()
	return s.found(ctx, Organization{ID: id, Name: id, Standing: Good}, id+"@trial.invalid", "Trial")
}
