//go:build engines

package e2e

import "testing"

// TestEngines drives a stack of our own whose engines are those of this
// machine, and work for real.
func TestEngines(t *testing.T) {
	t.Parallel()
	s := &stack{client: newClient(), secrets: newSecrets(), receiver: newReceiver(t)}
	r := newRunner(t)
	r.engines, r.trusted = true, s.receiver.URL
	d := r.start(t)
	s.base, s.inbox, s.key = d.BaseURL, d.InboxURL, d.Keys.Admin
	t.Cleanup(func() {
		s.client.CloseIdleConnections()
		r.stop(t)
		r.tellErrors(t)
	})
	s.tell(t, "testdata/engines/*.txtar")
}
