// Command bootstrap makes a stack's first organization and prints its key.
//
//	go run ./infra/bootstrap -stack latchkey -organization Acme -email admin@example.com
//
// It invokes the stack's control function directly, so whoever may do that by
// IAM may run it, and nobody over HTTP. The function refuses an organization
// that the stack has already: a lost key is replaced through another key.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bootstrap:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	stack, req, err := parse(args)
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("read the AWS configuration: %w", err)
	}
	// One attempt: a second one would be refused because of the first, whose
	// answer with the key is lost.
	client := lambda.NewFromConfig(cfg, func(o *lambda.Options) { o.RetryMaxAttempts = 1 })
	made, err := invoke(ctx, client, stack, req)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `Organization %q is ready.

  organization  %s
  user          %s (%s)
  key           %s

The key is shown this once and kept nowhere. Store it now.
`, req.Organization, made.OrganizationID, made.UserID, req.Email, made.Key)
	return err
}

func parse(args []string) (stack string, req request, err error) {
	fs := flag.NewFlagSet("bootstrap", flag.ContinueOnError)
	fs.StringVar(&stack, "stack", "latchkey", "name of the CloudFormation stack")
	fs.StringVar(&req.Organization, "organization", "", "name of the organization to make (required)")
	fs.StringVar(&req.Email, "email", "", "address of its first administrator (required)")
	fs.StringVar(&req.Name, "name", "", "name of the administrator")
	if err := fs.Parse(args); err != nil {
		return "", req, err
	}
	switch {
	case fs.NArg() > 0:
		return "", req, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case stack == "":
		return "", req, errors.New("-stack is empty")
	case req.Organization == "":
		return "", req, errors.New("-organization is missing")
	case req.Email == "":
		return "", req, errors.New("-email is missing")
	}
	return stack, req, nil
}
