package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy/types"
)

// event is what CodeDeploy hands to a hook (CodeDeploy User Guide, "AppSpec
// 'hooks' section"). It does not say which function is deployed.
type event struct {
	DeploymentID string `json:"DeploymentId"`
	ExecutionID  string `json:"LifecycleEventHookExecutionId"`
}

// What is kept of the function's time for taking away and for the report,
// which must be made whatever happens: without one CodeDeploy waits an hour.
const (
	tidyTime   = 10 * time.Second
	reportTime = 15 * time.Second
)

// Handle checks the version that a deployment is about to give traffic, tells
// CodeDeploy, and returns what it told. It fails only when it could not tell:
// then Lambda runs it again, twice.
func (h hook) Handle(ctx context.Context, e event) (types.LifecycleEventStatus, error) {
	status := types.LifecycleEventStatusSucceeded
	if err := h.examine(ctx, e.DeploymentID); err != nil {
		status = types.LifecycleEventStatusFailed
		h.log.ErrorContext(ctx, "check failed", "deployment", e.DeploymentID, "cause", err.Error())
	}
	return status, h.report(ctx, e, status)
}

func (h hook) report(ctx context.Context, e event, status types.LifecycleEventStatus) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reportTime)
	defer cancel()
	_, err := h.deployments.PutLifecycleEventHookExecutionStatus(ctx, &codedeploy.PutLifecycleEventHookExecutionStatusInput{
		DeploymentId: &e.DeploymentID, LifecycleEventHookExecutionId: &e.ExecutionID, Status: status,
	})
	if _, done := errors.AsType[*types.LifecycleEventAlreadyCompletedException](err); done {
		return nil // an answer that was lost
	}
	if err != nil {
		return fmt.Errorf("report %s: %w", status, err)
	}
	return nil
}

// examine runs the check of the function that is deployed. It ends in time
// for the report, and a panic is an error.
func (h hook) examine(ctx context.Context, deployment string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	work, cancel := ctx, context.CancelFunc(func() {})
	if end, ok := ctx.Deadline(); ok {
		work, cancel = context.WithDeadline(ctx, end.Add(-tidyTime-reportTime))
	}
	defer cancel()
	v, err := h.deployed(work, deployment)
	if err != nil {
		return err
	}
	check, ok := checks[v.folder()]
	if !ok {
		return fmt.Errorf("%s: there is no check of it", v)
	}
	t := h.trial()
	defer h.end(ctx, t)
	if err = t.make(work, h.now); err == nil {
		err = check(work, v, t)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", v, err)
	}
	h.log.InfoContext(ctx, "check passed", "deployment", deployment, "function", v.function, "version", v.number)
	return nil
}

// end takes away what was made. Whether that succeeds says nothing of the
// version; what stays goes by itself.
func (h hook) end(ctx context.Context, t *trial) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyTime)
	defer cancel()
	if err := t.takeAway(ctx); err != nil {
		h.log.WarnContext(ctx, "trial not taken away", "organization", t.who.Organization, "cause", err.Error())
	}
}
