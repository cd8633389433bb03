package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"latchkey/infra/local/event"
	"latchkey/infra/local/gateway"
	"latchkey/infra/local/inbox"
	"latchkey/infra/local/invoke"
	"latchkey/infra/local/queue"
	"latchkey/infra/local/s3"
	"latchkey/infra/local/ses"
)

const (
	region    = "eu-central-1"
	bucket    = "media"
	accessKey = "local"
)

// drainTime is what requests in flight get at the end.
const drainTime = 2 * time.Second

// stack is everything that runs.
type stack struct {
	parts
	wired

	s3        *s3.Server
	listeners []net.Listener
	server    *http.Server
	cancel    context.CancelFunc
	running   sync.WaitGroup
	failed    chan error
}

// start brings everything up in the order of need. What has started is
// stopped again when something after it fails.
func start(ctx context.Context, set settings, wire wiring) (_ *stack, err error) {
	st := &stack{failed: make(chan error, 1), cancel: func() {}}
	defer func() {
		if err != nil {
			err = st.stop(err)
		}
	}()
	if err := st.listen(set); err != nil {
		return nil, err
	}
	if err := st.open(set); err != nil {
		return nil, err
	}
	if err := st.startS3(ctx, set); err != nil {
		return nil, err
	}
	if st.wired, err = wire(ctx, st.parts); err != nil {
		return nil, err
	}
	api := st.endpoints
	if api == nil {
		if api, err = gateway.New(gateway.Config{Template: set.template, Functions: st.functions, Domain: "127.0.0.1:" + set.port}); err != nil {
			return nil, err
		}
	}
	st.serve(api)
	return st, nil
}

// listen opens PORT for the API, or S3_PORT for all of AWS's endpoints if the
// API is somebody else's.
func (st *stack) listen(set settings) error {
	name, port, hosts := "PORT", set.port, []string{"127.0.0.1"}
	if set.serve.IsValid() {
		own, err := hostsIn(set.serve)
		if err != nil {
			return err
		}
		name, port, hosts = "S3_PORT", set.s3Port, append(hosts, own...)
	}
	for _, host := range hosts {
		l, err := net.Listen("tcp", net.JoinHostPort(host, port))
		if err != nil {
			return portError(name, port, err)
		}
		st.listeners = append(st.listeners, l)
	}
	return nil
}

func (st *stack) open(set settings) (err error) {
	st.parts = parts{
		Data:    set.data,
		BaseURL: "http://127.0.0.1:" + set.port,
		S3URL:   "http://127.0.0.1:" + set.s3Port,
		Bucket:  bucket,
		Region:  region,
		Events:  event.Maker{Region: region, Now: time.Now, NewID: rand.Text},
		Log:     os.Stderr,

		Template: set.template, Functions: set.functions, Trusted: set.trusted, DynamoDB: set.dynamoDB,
		NoEngines: set.noEngines, Chat: set.chat, Transcriber: set.transcriber,
	}
	st.InboxURL = st.BaseURL + inbox.Path
	st.AccessKey = accessKey
	if st.SecretKey, err = secret(set.data, "s3.key"); err != nil {
		return err
	}
	if st.Inbox, err = inbox.Open(filepath.Join(set.data, "mail")); err != nil {
		return err
	}
	if set.serve.IsValid() {
		return st.leave(set)
	}
	st.Queue, err = queue.Open(filepath.Join(set.data, "queue.db"), queue.Options{})
	return err
}

func (st *stack) startS3(ctx context.Context, set settings) (err error) {
	st.s3, err = s3.Start(ctx, s3.Config{
		Addr:       strings.TrimPrefix(st.S3URL, "http://"),
		Dir:        filepath.Join(set.data, "s3"),
		Bucket:     bucket,
		AccessKey:  st.AccessKey,
		SecretKey:  st.SecretKey,
		Region:     region,
		CORSOrigin: st.BaseURL,
		OnCreated:  st.uploaded,
	})
	return portError("S3_PORT", set.s3Port, err)
}

// uploaded queues the event before the uploader is told.
func (st *stack) uploaded(c s3.Created) {
	if st.Queue == nil {
		return
	}
	payload, err := st.Events.ObjectCreated(event.Object(c))
	if err == nil {
		err = st.Queue.Put(context.Background(), UploadTopic, payload)
	}
	if err != nil {
		st.fail(fmt.Errorf("event of %s lost: %w", c.Key, err))
	}
}

// outcomes of mails, by what the inbox says of them; a suppressed one has
// none, as with SES.
var outcomes = map[string]string{inbox.Delivered: event.Delivery, inbox.Bounced: event.Bounce, inbox.Complained: event.Complaint}

// deliver keeps a mail and queues what SES says of it afterwards.
func (st *stack) deliver(m inbox.Message) error {
	if err := st.Inbox.Put(m); err != nil || st.Queue == nil {
		return err
	}
	for _, to := range m.To {
		outcome, ok := outcomes[m.State]
		if !ok {
			continue
		}
		payload, err := st.Events.Feedback(outcome, event.Mail{ID: m.ID, From: m.From, To: to, SentAt: m.At, Tags: m.Tags})
		if err != nil {
			return err
		}
		if err := st.Queue.Put(context.Background(), FeedbackTopic, payload); err != nil {
			return err
		}
	}
	return nil
}

func portError(name, port string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %s is in use: set %s to another one", port, name)
	}
	return err
}

// serve begins to answer requests and to consume the queue.
func (st *stack) serve(api http.Handler) {
	st.server = &http.Server{Handler: st.handler(api), ReadHeaderTimeout: 10 * time.Second}
	var ctx context.Context
	ctx, st.cancel = context.WithCancel(context.Background())
	for _, l := range st.listeners {
		st.running.Go(func() {
			if err := st.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				st.fail(err)
			}
		})
	}
	for topic, f := range st.consumers {
		st.running.Go(func() {
			if err := st.Queue.Consume(ctx, topic, f); err != nil {
				st.fail(err)
			}
		})
	}
	for _, f := range st.background {
		st.running.Go(func() { f(ctx) })
	}
}

// handler puts SES and the inbox before the gateway. No ServeMux: it would
// redirect paths that API Gateway hands on as they are.
func (st *stack) handler(api http.Handler) http.Handler {
	mail, box := ses.Handler(ses.Config{Deliver: st.deliver}), inbox.Handler(st.Inbox)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case strings.HasPrefix(path, "/v2/email/"):
			mail.ServeHTTP(w, r)
		case path == inbox.Path || strings.HasPrefix(path, inbox.Path+"/"):
			box.ServeHTTP(w, r)
		case st.lambda != nil && invoke.Is(path):
			st.lambda.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	})
}

// fail ends the process with the first failure of a running part.
func (st *stack) fail(err error) {
	select {
	case st.failed <- err:
	default:
	}
}

func (st *stack) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-st.failed:
		return err
	}
}

// stop ends everything that was started, in the reverse order of need, and
// adds what went wrong to cause.
func (st *stack) stop(cause error) error {
	errs := []error{cause}
	if st.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		if st.server.Shutdown(ctx) != nil {
			errs = append(errs, st.server.Close()) // a request that does not end is cut
		}
	} else {
		for _, l := range st.listeners {
			errs = append(errs, l.Close())
		}
	}
	if st.s3 != nil {
		errs = append(errs, st.s3.Close())
	}
	st.cancel()
	st.running.Wait()
	if st.close != nil {
		errs = append(errs, st.close())
	}
	if st.Queue != nil {
		errs = append(errs, st.Queue.Close())
	}
	return errors.Join(errs...)
}
