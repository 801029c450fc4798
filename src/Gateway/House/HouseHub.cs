using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Gateway.House;

/// <summary>
/// The seam between the reconciler and everything that shows the house or sends it commands (MQTT, Home Assistant,
/// page, demo). Commands may be submitted from any thread. The events are raised by the reconciler's loop only, in
/// order; handlers hand over and return (a slow one would hold up the house), and must not throw.
/// </summary>
public sealed class HouseHub
{
    private readonly Channel<Command> _commands = Channel.CreateBounded<Command>(
        new BoundedChannelOptions(4096) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Who follows a command, by the very command: another may be equal to it.</summary>
    private readonly ConcurrentDictionary<Command, ChannelWriter<Answer>> _askers = new(ReferenceEqualityComparer.Instance);
    private HouseSnapshot? _current;

    /// <summary>The latest snapshot; null before the first.</summary>
    public HouseSnapshot? Current => Volatile.Read(ref _current);

    public event Action<HouseSnapshot>? Changed;

    public event Action<Answer>? Answered;

    public event Action<HouseEvent>? Happened;

    /// <summary>Once a second while something plays.</summary>
    public event Action<SyncReport>? Measured;

    /// <summary>Read by the reconciler's loop.</summary>
    internal ChannelReader<Command> Commands => _commands.Reader;

    /// <summary>False: the queue is full, and the sender has to refuse the command.</summary>
    public bool TrySubmit(Command command) => _commands.Writer.TryWrite(command);

    /// <summary>Submits the command at once (into a full queue when there is room) and gives its answers in order, the last of which is its end. To be enumerated once.</summary>
    /// <param name="cancellationToken">Ends the waiting; a command that is submitted goes on.</param>
    public IAsyncEnumerable<Answer> AskAsync(Command command, CancellationToken cancellationToken = default)
    {
        var answers = Follow(command);
        return AnswersAsync(command, _commands.Writer.WriteAsync(command, cancellationToken).AsTask(), answers, cancellationToken);
    }

    /// <summary>The same of a command that the loop itself takes at once, in the turn of another: <paramref name="take"/> is called before this returns.</summary>
    internal IAsyncEnumerable<Answer> Follow(Command command, Action<Command> take, CancellationToken cancellationToken)
    {
        var answers = Follow(command);
        take(command);
        return AnswersAsync(command, Task.CompletedTask, answers, cancellationToken);
    }

    private Channel<Answer> Follow(Command command)
    {
        var answers = Channel.CreateUnbounded<Answer>(new UnboundedChannelOptions { SingleReader = true });
        _askers[command] = answers.Writer;
        return answers;
    }

    private async IAsyncEnumerable<Answer> AnswersAsync(Command command, Task submitted, Channel<Answer> answers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await submitted;
            while (await answers.Reader.WaitToReadAsync(cancellationToken))
            {
                while (answers.Reader.TryRead(out var answer)) yield return answer;
            }
        }
        finally
        {
            _askers.TryRemove(command, out _);
        }
    }

    internal void Publish(HouseSnapshot snapshot)
    {
        Volatile.Write(ref _current, snapshot);
        Changed?.Invoke(snapshot);
    }

    internal void Publish(Answer answer)
    {
        if (_askers.TryGetValue(answer.Command, out var asker))
        {
            asker.TryWrite(answer);
            if (answer.IsEnd && _askers.TryRemove(answer.Command, out _)) asker.Complete();
        }

        Answered?.Invoke(answer);
    }

    internal void Publish(HouseEvent happened) => Happened?.Invoke(happened);

    internal void Publish(SyncReport report) => Measured?.Invoke(report);
}
