using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Engine.Text;

namespace Gateway.Mqtt;

/// <summary>What a running gateway says of itself on its claim topic, retained.</summary>
/// <param name="Token">This run's alone.</param>
/// <param name="Number">Grows with each time that it is said: a broker that repeats an old one is no sign of life.</param>
/// <param name="After">The token of another gateway's claim that stood there when this one came; null: none did.</param>
/// <param name="Since">When it was started, by its own clock; decides only between two that came at the same moment.</param>
/// <param name="Host">The machine's name, for people.</param>
internal sealed record Claim(string Token, int Number, string? After, DateTimeOffset Since, string Host);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Claim))]
internal sealed partial class ClaimJson : JsonSerializerContext;

/// <summary>
/// Two gateways with one id would announce, and delete, each other's devices. So each claims its id on a retained topic: whoever hears another claim says
/// its own again, and a claim whose number grows is a gateway that runs. Of two the later one gives way: the one that found the other's claim when it came.
/// Pure; safe from any thread.
/// </summary>
internal sealed class GatewayClaim(DateTimeOffset since, string token, string host)
{
    private const int MaxBytes = 1024;

    /// <summary>Of runs that ended without a word there is one at most; more are somebody's joke.</summary>
    private const int MostOthers = 16;

    /// <summary>Two need two or three; without end would be a conversation with a program that says anything.</summary>
    private const int MostWords = 20;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _others = new(StringComparer.Ordinal); // the last number heard, by token
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _number;
    private int _words;
    private string? _after;
    private bool _hasEntered;
    private bool _isHeard;
    private Claim? _winner;

    /// <summary>Why this gateway stops; null: it does not.</summary>
    public string? Sentence(string id) => Winner is not { } other ? null
        : $"Another gateway with the id \"{id}\" runs on this broker already: on {Shown(other.Host)}, since {other.Since.UtcDateTime:yyyy-MM-dd HH:mm} UTC. This one stops, before they undo each other's work. Stop the other one, or give this one a gateway.id of its own (and, where it is set, a mqtt.client_id).";

    /// <summary>The gateway that this one gives way to; null: none so far.</summary>
    public Claim? Winner
    {
        get
        {
            lock (_gate) return _winner;
        }
    }

    /// <summary>Another run's claim stands on the broker, of a gateway that may still run.</summary>
    public bool HasFound
    {
        get
        {
            lock (_gate) return _after is not null;
        }
    }

    /// <summary>For a new connection: what is said again from now on.</summary>
    public void Connected()
    {
        lock (_gate) (_words, _isHeard) = (0, false);
    }

    /// <summary>What to publish now.</summary>
    public byte[] Say()
    {
        lock (_gate) return JsonSerializer.SerializeToUtf8Bytes(new Claim(token, ++_number, _after, since, host), ClaimJson.Default.Claim);
    }

    /// <summary>A message on the topic.</summary>
    /// <returns>True: ours is to be said again, so that the other hears of us.</returns>
    public bool Hear(ReadOnlySequence<byte> payload)
    {
        if (Read(payload) is not { } claim) return false;
        lock (_gate)
        {
            var again = claim.Token == token ? Own() : Judge(claim);
            _changed.TrySetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return again;
        }
    }

    /// <summary>Waits until our own claim has come back from the broker, and with it whatever stood there before; or until we give way.</summary>
    public Task HeardAsync(CancellationToken cancellationToken) => WaitAsync(() => _isHeard || _winner is not null, cancellationToken);

    /// <summary>Waits until we give way.</summary>
    public Task LostAsync(CancellationToken cancellationToken) => WaitAsync(() => _winner is not null, cancellationToken);

    private async Task WaitAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (condition()) return;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private bool Own()
    {
        (_isHeard, _hasEntered) = (true, true);
        return false;
    }

    private bool Judge(Claim other)
    {
        if (!_hasEntered) _after ??= other.Token;
        var isKnown = _others.TryGetValue(other.Token, out var last);
        if ((isKnown && other.Number <= last) || (!isKnown && _others.Count >= MostOthers)) return false;
        _others[other.Token] = other.Number;
        if (isKnown && GivesWayTo(other)) _winner ??= other;
        return _winner is null && _words++ < MostWords;
    }

    private bool GivesWayTo(Claim other) => _after == other.Token || (other.After != token && (since, token).CompareTo((other.Since, other.Token)) > 0);

    private static string Shown(string host) => host.Length is > 0 and <= 64 && !host.Any(char.IsControl) ? $"the machine \"{host}\"" : "another machine";

    private static Claim? Read(ReadOnlySequence<byte> payload)
    {
        if (payload.IsEmpty || payload.Length > MaxBytes) return null;
        return ForeignJson.TryRead(payload.ToArray(), ClaimJson.Default.Claim) is { Token.Length: > 0, Host: not null } claim ? claim : null;
    }
}
