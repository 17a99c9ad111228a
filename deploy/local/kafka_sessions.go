package local

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// sessions sees to it that each member of a group has a session that can end. kfake starts it once it has answered a join, and not where that answer cannot be written:
// a process that was killed while it waited for the others to join would hold its partitions for ever. So each member has one heartbeat when the leader has shared
// the partitions out.
type sessions struct {
	client *kgo.Client
	shared chan *kmsg.SyncGroupRequest
	log    *slog.Logger
	stop   func()
	done   chan struct{}
}

// mostShared is how many assignments wait for their heartbeats.
const mostShared = 1000

func openSessions(addr string, log *slog.Logger) (*sessions, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		return nil, fmt.Errorf("connecting to the broker: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &sessions{client: client, shared: make(chan *kmsg.SyncGroupRequest, mostShared), log: log, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		defer client.Close()
		for {
			select {
			case <-ctx.Done():
				return
			case req := <-s.shared:
				s.begin(ctx, req)
			}
		}
	}()
	return s, nil
}

// sync is called before each SyncGroup request. It runs inside the broker, and must not send it requests.
func (s *sessions) sync(req *kmsg.SyncGroupRequest) {
	if len(req.GroupAssignment) == 0 {
		return // not the leader's
	}
	select {
	case s.shared <- req:
	default:
		s.log.Warn("too many groups share partitions out at a time: a member that has died may keep its partitions", "group", req.Group)
	}
}

// begin sends a heartbeat of each member of an assignment.
func (s *sessions) begin(ctx context.Context, shared *kmsg.SyncGroupRequest) {
	ctx, cancel := context.WithTimeout(ctx, topicsTimeout)
	defer cancel()
	for _, m := range shared.GroupAssignment {
		req := kmsg.NewPtrHeartbeatRequest()
		req.Group, req.Generation, req.MemberID = shared.Group, shared.Generation, m.MemberID
		res, err := req.RequestWith(ctx, s.client)
		if err == nil && res.ErrorCode != kerr.RebalanceInProgress.Code && res.ErrorCode != kerr.IllegalGeneration.Code && res.ErrorCode != kerr.UnknownMemberID.Code { // these go on with another assignment
			err = kerr.ErrorForCode(res.ErrorCode)
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("a heartbeat for a member of a group", "group", shared.Group, "member", m.MemberID, "err", err)
		}
	}
}

func (s *sessions) close() {
	s.stop()
	<-s.done
}
