using System.Threading.Channels;
using Gateway.Engine.Ports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Gateway.Playback;

/// <summary>
/// Holds the outputs of the groups that play. Requests may come from any thread and are worked off by one loop, the
/// latest for a group wins; <see cref="Changed"/> is raised by that loop.
/// </summary>
internal sealed class PlaybackEngine(IAudioPort audio, ILogger<PlaybackEngine> log) : BackgroundService
{
    private readonly Channel<(string Group, PlaybackRequest? Request)> _requests =
        Channel.CreateUnbounded<(string, PlaybackRequest?)>(new UnboundedChannelOptions { SingleReader = true });

    // Touched by the loop only.
    private readonly Dictionary<(string Group, string Speaker), (PlaybackMember Member, IAudioOutput Output)> _outputs = [];
    private readonly Dictionary<string, GroupPlayback> _groups = new(StringComparer.Ordinal);

    private PlaybackSnapshot _current = PlaybackSnapshot.Empty;

    public PlaybackSnapshot Current => Volatile.Read(ref _current);

    public event Action<PlaybackSnapshot>? Changed;

    /// <summary>Starts a group, or changes what it plays and where.</summary>
    public void Play(PlaybackRequest request) => _requests.Writer.TryWrite((request.Group, request));

    public void Stop(string group) => _requests.Writer.TryWrite((group, null));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var (group, request) in _requests.Reader.ReadAllAsync(stoppingToken))
            {
                CloseOthers(group, request?.Members ?? []);
                if (request is null) _groups.Remove(group);
                else _groups[group] = Open(request);
                Volatile.Write(ref _current, new PlaybackSnapshot(new Dictionary<string, GroupPlayback>(_groups, StringComparer.Ordinal)));
                Changed?.Invoke(Current);
            }
        }
        finally
        {
            foreach (var (_, output) in _outputs.Values) output.Dispose();
        }
    }

    private void CloseOthers(string group, IReadOnlyList<PlaybackMember> wanted)
    {
        foreach (var (key, (member, output)) in _outputs.Where(o => o.Key.Group == group).ToList())
        {
            if (output.IsOpen && wanted.Any(w => w.Speaker == member.Speaker && w.Adapter == member.Adapter && w.Address == member.Address)) continue;
            _outputs.Remove(key);
            output.Dispose();
        }
    }

    private GroupPlayback Open(PlaybackRequest request)
    {
        var sounding = new List<string>();
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var member in request.Members)
        {
            var key = (request.Group, member.Speaker);
            try
            {
                if (!_outputs.ContainsKey(key)) _outputs[key] = (member, audio.OpenOutput(member.Adapter, member.Address));
                sounding.Add(member.Speaker);
            }
            catch (PortException failed)
            {
                problems[member.Speaker] = failed.Message;
                PlaybackLog.CannotOpen(log, member.Speaker, failed.Message);
            }
        }

        return new GroupPlayback(request.Group, sounding, problems);
    }
}

internal static partial class PlaybackLog
{
    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "No sound to speaker {Speaker}: {Reason}")]
    public static partial void CannotOpen(ILogger log, string speaker, string reason);
}
