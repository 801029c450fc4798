using Gateway.Engine;
using Gateway.Engine.Text;
using Gateway.House;
using Gateway.Reconciler.Runs;
using Gateway.Storage;

namespace Gateway.Reconciler;

/// <summary>Takes each command to its owner, or refuses it: at most one <c>accepted</c>, then exactly one end.</summary>
internal sealed class CommandDispatch
{
    private readonly HouseView _view;
    private readonly Journal _journal;
    private readonly GroupRuns _groups;
    private readonly GatewayIdentity _identity;
    private readonly Action<Command> _runRoutine;
    private readonly IReadOnlyDictionary<(string Kind, string Property), Action<Command>> _handlers;

    /// <param name="handlers">One for each of <see cref="CommandTable"/>, no more and no fewer.</param>
    public CommandDispatch(LoopContext loop, GroupRuns groups, GatewayIdentity identity, Action<Command> runRoutine, IReadOnlyDictionary<(string Kind, string Property), Action<Command>> handlers)
    {
        (_view, _journal, _groups, _identity, _runRoutine, _handlers) = (loop.View, loop.Journal, groups, identity, runRoutine, handlers);
        var unhandled = CommandTable.All.Select(c => (c.Kind, c.Property)).Except(handlers.Keys).Concat(handlers.Keys.Except(CommandTable.All.Select(c => (c.Kind, c.Property)))).ToList();
        if (unhandled.Count > 0) throw new InvalidOperationException($"The command table and what is carried out differ: {string.Join(", ", unhandled)}.");
    }

    public void Handle(Command command)
    {
        try
        {
            if (command.Kind == "voice")
            {
                _runRoutine(command);
                return;
            }

            CommandValues.Check(command, SpecOf(command).Form);
            _handlers[(command.Kind, command.Property)](command);
        }
        catch (RefusedException refused)
        {
            _journal.End(command, CommandResult.Refused, refused.Message, refused.Rules);
        }
        catch (StorageException no)
        {
            _journal.End(command, CommandResult.Failed, $"It could not be stored, and so was not done: {no.Message}", []);
        }
        catch
        {
            _journal.EndByFault(command); // whoever follows it would wait for ever
            throw;
        }
    }

    /// <summary>The command of the table that this is, to a device that there is.</summary>
    private CommandSpec SpecOf(Command command)
    {
        if (!CommandTable.Kinds.Contains(command.Kind, StringComparer.Ordinal))
        {
            throw new RefusedException($"There is no kind of device called {CommandValues.Shown(command.Kind)}.{NearestNames.DidYouMean(command.Kind, CommandTable.Kinds)} There are {string.Join(", ", CommandTable.Kinds)}, and voice for routines.");
        }

        IReadOnlyList<(string Id, string Name)> known = command.Kind switch
        {
            "group" => [.. _groups.All.Select(g => (g.Group.Id, g.Group.Name))],
            "speaker" => [.. _view.Registry.Effective.Speakers.Select(s => (s.Id, s.Name))],
            "echo" => [.. _view.Registry.Effective.Echoes.Select(e => (e.Id, e.Name))],
            "adapter" => [.. _view.Registry.Adapters.Values.Select(a => (a.Address.Id, a.Name))],
            "transmitter" => [.. _view.Registry.Effective.Transmitters.Select(t => (t.Id, t.Name))],
            _ => [(_identity.Id, _identity.Name)],
        };
        if (known.All(k => k.Id != command.Id))
        {
            throw new RefusedException($"No {command.Kind} has the id {CommandValues.Shown(command.Id)}.{Known(command, known)}");
        }

        var specs = CommandTable.All.Where(c => c.Kind == command.Kind).ToList();
        if (specs.Find(c => c.Property == command.Property) is { } spec) return spec;
        // What is not built yet is refused with its own sentence, and offered to nobody.
        var offered = specs.Select(c => c.Property).Where(p => p != "announce" || Abilities.ThisVersion.Has(Feature.Announcements));
        var all = specs.Count == 0 ? "It takes no commands." : $"It takes {string.Join(", ", offered)}.";
        throw new RefusedException($"A {command.Kind} has no command {CommandValues.Shown(command.Property)}. {all}");
    }

    /// <summary>What to write instead. Topics hold ids: who wrote a name gets the id behind it.</summary>
    private static string Known(Command command, IReadOnlyList<(string Id, string Name)> known) =>
        known.Where(k => NameFolding.Same(k.Name, command.Id)).Select(k => k.Id).ToList() is { Count: > 0 and <= 3 } named ? $" That is a name; write the id: {string.Join(" or ", named)}."
        : NearestNames.DidYouMean(command.Id, known.Select(k => k.Id)) is { Length: > 0 } near ? near
        : NearestNames.Find(command.Id, known.Select(k => k.Name)) is { Count: > 0 } names ? $" Did you mean {string.Join(" or ", known.Where(k => names.Contains(k.Name)).Take(3).Select(k => $"{k.Id} ({CommandValues.Shown(k.Name)})"))}?"
        : known.Count == 0 ? $" There is no {command.Kind} in this house yet."
        : known.Count <= 12 ? $" Known are {string.Join(", ", known.Select(k => k.Id))}."
        : $" The ids stand in the topics {command.Kind}/<id>/state.";
}
