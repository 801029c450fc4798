using System.Globalization;
using Gateway.Engine;
using Gateway.Engine.Text;
using Gateway.House;

namespace Gateway.Reconciler;

/// <summary>Routines: a voice topic or a scene runs a list of ordinary commands, one after the other.</summary>
/// <param name="take">Carries a command out as if it had just come in its turn: a step stands before whatever came after its routine.</param>
internal sealed class Routines(LoopContext loop, HouseHub hub, Action<Command> take)
{
    private readonly HouseView _view = loop.View;
    private readonly Journal _journal = loop.Journal;
    private readonly Operations _operations = loop.Operations;

    private readonly Dictionary<string, (Command Command, CancellationTokenSource Cancel)> _routines = new(StringComparer.Ordinal);

    public void Run(Command command)
    {
        var routines = _view.Registry.Effective.Routines;
        var alike = routines.Where(r => NameFolding.Same(r.Name, command.Id)).Take(2).ToList();
        var routine = routines.FirstOrDefault(r => r.Id == command.Id)
            ?? (alike.Count == 1 ? alike[0] : routines.FirstOrDefault(r => r.Id == NameFolding.Fold(command.Id)))
            ?? throw new RefusedException($"There is no routine {CommandValues.Shown(command.Id)}.{NearestNames.DidYouMean(command.Id, routines.SelectMany(r => new[] { r.Id, r.Name }))} {(routines.Count == 0 ? "The configuration has none: add them under routines." : $"Known are {string.Join(", ", routines.Select(r => r.Id))}.")}");
        if (_routines.Remove(routine.Id, out var earlier))
        {
            earlier.Cancel.Cancel();
            _journal.End(earlier.Command, CommandResult.Superseded, "The routine was started again.", []);
        }

        _journal.Accept(command, null);
        var cancel = CancellationTokenSource.CreateLinkedTokenSource(_operations.Stopping);
        _routines[routine.Id] = (command, cancel);
        RunStep(routine, 0, command, cancel);
    }

    private void RunStep(ConfiguredRoutine routine, int index, Command command, CancellationTokenSource cancel)
    {
        if (cancel.IsCancellationRequested) return;
        if (index == routine.Steps.Count)
        {
            EndRoutine(routine, command, CommandResult.Done, null, []);
            return;
        }

        var step = routine.Steps[index];
        if (step.Action == RoutineAction.Wait)
        {
            var seconds = double.Parse(step.Value ?? "0", CultureInfo.InvariantCulture);
            _operations.AfterPublication(() => _ = Task.Delay(TimeSpan.FromSeconds(seconds), loop.Time, cancel.Token)
                .ContinueWith(_ => loop.Post(() => RunStep(routine, index + 1, command, cancel)), cancel.Token, TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));
            return;
        }

        var inner = CommandOf(routine, step);
        _ = FollowAsync(hub.Follow(inner, take, cancel.Token));

        async Task FollowAsync(IAsyncEnumerable<Answer> answers)
        {
            var end = await answers.LastAsync(cancel.Token);
            loop.Post(() =>
            {
                if (cancel.IsCancellationRequested) return;
                if (end.Result == CommandResult.Done) RunStep(routine, index + 1, command, cancel);
                else EndRoutine(routine, command, CommandResult.Failed, $"Step {index + 1} ({inner.Device} {inner.Property} {inner.Value}) ended as {Words.Of(end.Result)}: {end.Reason}", end.Rules);
            });
        }
    }

    private void EndRoutine(ConfiguredRoutine routine, Command command, CommandResult result, string? reason, IReadOnlyList<string> rules)
    {
        if (_routines.Remove(routine.Id, out var run)) run.Cancel.Dispose();
        _journal.End(command, result, reason, rules);
    }

    private static Command CommandOf(ConfiguredRoutine routine, RoutineStep step)
    {
        var target = step.Target ?? "";
        var kind = step.TargetKind switch { RoutineTarget.Group => "group", RoutineTarget.Echo => "echo", _ => "speaker" };
        var (property, value) = step.Action switch
        {
            RoutineAction.GroupOn => ("active", "ON"),
            RoutineAction.GroupOff => ("active", "OFF"),
            RoutineAction.Source => ("source", step.Value ?? ""),
            RoutineAction.Volume => ("volume", step.Value ?? ""),
            RoutineAction.Connect when kind == "echo" => ("bluetooth", step.Value ?? ""),
            RoutineAction.Connect => ("connected", "ON"),
            RoutineAction.Disconnect when kind == "echo" => ("bluetooth", "Disconnected"),
            RoutineAction.Disconnect => ("connected", "OFF"),
            _ => ("announce", step.Value ?? ""),
        };
        return new Command { Kind = kind, Id = target, Property = property, Value = value, Origin = new RoutineOrigin(routine.Id) };
    }
}
