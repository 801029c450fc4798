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

    internal void Publish(HouseSnapshot snapshot)
    {
        Volatile.Write(ref _current, snapshot);
        Changed?.Invoke(snapshot);
    }

    internal void Publish(Answer answer) => Answered?.Invoke(answer);

    internal void Publish(HouseEvent happened) => Happened?.Invoke(happened);

    internal void Publish(SyncReport report) => Measured?.Invoke(report);
}
