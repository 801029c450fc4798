using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Reconciler.Runs;
using Gateway.Reconciler.Speakers;

namespace Gateway.Reconciler.Groups;

/// <summary>Carries a group's steps out, one batch at a time: a later command has the batch end early, and what is next is planned from what is seen then.</summary>
internal sealed class GroupWork(LoopContext loop, StepRunner runner, SpeakerRuns speakers, EchoRuns echoes, SpeakerLinks links, SpeakerControl control)
{
    /// <summary>Steps that link devices are about to begin: those are connecting, and the links that go with it are no losses.</summary>
    public void Expect(IReadOnlyList<StepTarget> steps, IReadOnlyList<PlanDrop> drops)
    {
        foreach (var drop in drops)
        {
            if (echoes.Known(drop.Device) is { } echo) (echo.Replacing, echo.DisconnectExpected) = (drop.Peer, true);
            if (speakers.Known(drop.Device) is { } speaker) speaker.DisconnectExpected = true;
        }

        foreach (var step in steps)
        {
            if (speakers.Known(step.Step.Device) is { } speaker) speaker.Connecting = true;
        }
    }

    /// <param name="then">Told which steps failed; not called when the batch was overtaken.</param>
    public void Begin(GroupRun run, IReadOnlyList<StepTarget> steps, Action<IReadOnlyList<StepFailure>> then)
    {
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(loop.Operations.Stopping);
        (run.Operation, run.UnderWay) = (cancel, steps);
        IReadOnlyList<StepFailure> failures = [];
        loop.Operations.Run(cancel, async token => failures = await runner.RunAsync(steps, token), limit: null, failure =>
        {
            (run.Operation, run.UnderWay) = (null, []);
            var overtaken = cancel.IsCancellationRequested;
            cancel.Dispose();
            foreach (var step in steps) AfterStep(step);
            if (failure is not null && !overtaken) failures = [.. steps.Take(1).Select(s => new StepFailure(s, PortError.Other, failure.Text))];
            if (!overtaken) then(failures);
        });
    }

    /// <summary>What they say of the speakers; the source's link is a matter of its own.</summary>
    public void NoteFailures(IReadOnlyList<StepFailure> failures)
    {
        foreach (var failure in failures.Where(f => !f.Target.IsForSource)) links.NoteFailure(failure);
    }

    /// <summary>What was expected of a step has happened by now or will not; and a speaker that was switched off meanwhile is let go again.</summary>
    private void AfterStep(StepTarget step)
    {
        var id = step.Step.Device;
        if (echoes.Known(id) is { } echo) (echo.Replacing, echo.DisconnectExpected) = (null, false);
        if (speakers.Known(id) is not { } run) return;
        run.Connecting = false;
        run.DisconnectExpected = false;
        if (step.Step is ConnectStep && loop.Desired.Speaker(id).Connected == false && loop.View.ConnectedRadioOf(id) is { } radio) control.LetGo(id, radio);
    }
}
