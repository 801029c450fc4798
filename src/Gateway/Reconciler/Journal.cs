using System.Runtime.CompilerServices;
using Gateway.Engine;
using Gateway.House;
using Gateway.Timing;
using Microsoft.Extensions.Logging;

namespace Gateway.Reconciler;

/// <summary>
/// What is to be told with the next publication: events, and the answers to commands. Each command gets at most one <c>accepted</c>, then exactly one end.
/// Owned by the loop.
/// </summary>
internal sealed class Journal
{
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly LogBrake _refusals;
    private readonly List<HouseEvent> _events = [];
    private readonly List<Answer> _answers = [];

    /// <summary>Commands that a fault of ours ended, as long as anybody knows them.</summary>
    private readonly ConditionalWeakTable<Command, object> _ended = [];

    /// <summary>Commands that are carried out although they are not on the disk: their answers say so.</summary>
    private readonly Dictionary<Command, string> _unstored = new(ReferenceEqualityComparer.Instance);

    public Journal(TimeProvider time, ILogger log)
    {
        (_time, _log) = (time, log);
        _refusals = new LogBrake(time, more => ReconcilerLog.MoreRefused(log, more));
    }

    /// <summary>What is said of a fault of ours, wherever it came.</summary>
    public const string FaultWords = "An internal fault was logged; the gateway goes on. Please report it with the log.";

    /// <summary>The latest event <c>problem</c>, or fault of ours.</summary>
    public string? LastProblem { get; set; }

    /// <summary>By the wall's clock: the loop reads it here, and nowhere else.</summary>
#pragma warning disable RS0030 // shown and stored
    public DateTimeOffset WallNow => _time.GetUtcNow();
#pragma warning restore RS0030

    public void Happened(HouseEventType type, string text, string? device = null, string? peer = null, string? group = null, params string[] rules)
    {
        _events.Add(new HouseEvent(type, WallNow, device, peer, group, text, rules));
        var word = Words.Of(type);
        ReconcilerLog.Happened(_log, word, text);
        if (type == HouseEventType.Problem) LastProblem = text;
    }

    /// <summary>What the store tells: whoever opened it logs it.</summary>
    public void StoreTold(string notice)
    {
        _events.Add(new HouseEvent(HouseEventType.Problem, WallNow, null, null, null, notice, []));
        LastProblem = notice;
    }

    public void Asked(int question, string device, string text)
    {
        _events.Add(new HouseEvent(HouseEventType.PairingQuestion, WallNow, device, null, null, text, []) { Question = question });
        ReconcilerLog.Happened(_log, "pairing_question", text);
    }

    /// <param name="why">Null: it is stored.</param>
    public void NoteUnstored(Command command, string? why)
    {
        if (why is not null) _unstored[command] = $"It could not be stored, because {why}: a restart before that is mended undoes it.";
    }

    public void Accept(Command command, Plan? plan, string? reason = null) =>
        Answer(command, CommandResult.Accepted, reason, plan?.Warnings.Select(w => w.Rule).Distinct().ToList() ?? [], plan);

    public void End(Command command, CommandResult result, string? reason, IReadOnlyList<string> rules)
    {
        if (_ended.TryGetValue(command, out _)) return;
        Answer(command, result, reason, rules, null);
        _unstored.Remove(command);
    }

    /// <summary>A fault of ours ends it, unless it has ended; whatever was begun for it ends in silence.</summary>
    public void EndByFault(Command command)
    {
        if (_answers.Exists(a => ReferenceEquals(a.Command, command) && a.IsEnd)) return;
        End(command, CommandResult.Failed, FaultWords, []);
        _ended.Add(command, this);
    }

    /// <summary>Writes a fault of ours to the log with its stack; what is to be said of it. Any thread.</summary>
    public string LogFault(Exception fault)
    {
        ReconcilerLog.Fault(_log, fault);
        return FaultWords;
    }

    public IReadOnlyList<HouseEvent> TakeEvents() => Take(_events);

    public IReadOnlyList<Answer> TakeAnswers() => Take(_answers);

    private void Answer(Command command, CommandResult result, string? reason, IReadOnlyList<string> rules, Plan? plan)
    {
        if (_unstored.TryGetValue(command, out var unstored) && result is CommandResult.Accepted or CommandResult.Done) reason = $"{reason} {unstored}".TrimStart();
        _answers.Add(new Answer(command, WallNow, result, reason) { Rules = rules, Drops = plan?.Drops ?? [], Plan = plan });
        var name = command.Origin.NameOf(command);
        if (result != CommandResult.Refused || _refusals.Passes()) ReconcilerLog.Answered(_log, name, result, reason is null ? "" : $": {reason}");
    }

    private static List<T> Take<T>(List<T> list)
    {
        List<T> taken = [.. list];
        list.Clear();
        return taken;
    }
}
