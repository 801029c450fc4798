using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Playback.Audio;
using Gateway.Timing;
using Microsoft.Extensions.Logging;

namespace Gateway.Playback;

/// <summary>A group's source: opened off the loop where that may take time, and again when it has ended. Engine's loop.</summary>
/// <param name="backoff">Between openings of a source that ends or cannot be had.</param>
/// <param name="happened">Told what happens.</param>
/// <param name="post">Hands work to the engine's loop.</param>
internal sealed class GroupSource(SoundProviders sound, Backoff backoff, TimeProvider time, Action<PlaybackEvent> happened, Action<Action> post, ILogger log) : IDisposable
{
    private GroupPlayer? _player;
    private IAudioInput? _input;
    private string? _problem;
    private string? _problemOfOpen;
    private (SourceRef?, string?)? _of; // what is open; null: nothing
    private (SourceRef?, string?)? _tried;
    private TimeSpan _retryAt;
    private CancellationTokenSource? _opening; // what is being opened; null: nothing

    /// <summary>Why nothing comes; null: nothing is known to be wrong.</summary>
    public string? Problem => _problem ?? _problemOfOpen;

    /// <summary>It is open, and knows itself why nothing comes.</summary>
    public bool KnowsWhyItIsQuiet => _problemOfOpen is not null;

    public bool IsOpen => _of is not null;

    /// <summary>One that was being opened is there, or is known not to be; the reader takes it back.</summary>
    public bool HasNews { get; set; }

    /// <summary>What an open one says of itself, and whether it has ended. True: what is shown changed.</summary>
    public bool Supervise(PlaybackRequest request, GroupPlayer player) => Tell(request) | End(request, player);

    /// <summary>Brings about that what is asked for is open, and is what the player plays. True: something changed.</summary>
    public bool Open(PlaybackRequest request, GroupPlayer player)
    {
        _player = player;
        var wanted = (request.Source, request.SourceLink);
        if (_of == wanted || (_tried == wanted && (_opening is not null || time.Now() < _retryAt))) return false;
        var former = (_input, _problem);
        CancelOpening();
        if (_tried != wanted)
        {
            (_tried, _problem) = (wanted, null);
            backoff.Reset();
        }

        player.SetSource(null);
        former._input?.Dispose();
        (_input, _of) = (null, null);
        _opening = new CancellationTokenSource();
        var opening = OpenAsync(request, _opening.Token);
        if (opening.IsCompleted) Take(request, opening);
        else _ = AwaitAsync(request, opening, _opening);
        return former != (_input, _problem);
    }

    /// <summary>The player it fed is gone: it is opened anew, whatever it was.</summary>
    public void Forget()
    {
        _input?.Dispose();
        (_input, _of, _tried) = (null, null, null);
    }

    public void Dispose()
    {
        CancelOpening();
        _input?.Dispose();
    }

    /// <summary>A source that is open may still know why nothing comes from it.</summary>
    private bool Tell(PlaybackRequest request)
    {
        if (_input?.Problem is var problem && problem == _problemOfOpen) return false;
        _problemOfOpen = problem;
        if (problem is not null) happened(new PlaybackEvent(PlaybackEventKind.Problem, null, request.Group, problem));
        return true;
    }

    /// <summary>It has ended by itself, or by a fault of ours: it is opened again, but who ends at once each time is not opened again and again.</summary>
    private bool End(PlaybackRequest request, GroupPlayer player)
    {
        if (player.SourceFault is { } fault)
        {
            PlaybackLog.SourceFault(log, request.Name, fault);
            _problem = "the way from its source ended by an internal fault; the log has it.";
            happened(new PlaybackEvent(PlaybackEventKind.Problem, null, request.Group, $"{request.Name} is silent: {_problem}"));
        }
        else if (_input is { IsOpen: false })
        {
            _problem = _input.Problem;
        }
        else
        {
            return false;
        }

        player.SetSource(null);
        _input?.Dispose();
        (_input, _of, _retryAt) = (null, null, time.Now() + backoff.Failed());
        return true;
    }

    private Task<IAudioInput> OpenAsync(PlaybackRequest request, CancellationToken cancellationToken) => request.Source is { } source
        ? sound.OpenAsync(new SourceOpening(source, request.SourceLink) { Name = request.SourceName ?? source.ToString(), Listener = request.Name }, cancellationToken)
        : Task.FromException<IAudioInput>(new PortException(PortError.Other, $"{request.Name} has no source.", "Choose one with its Source."));

    private async Task AwaitAsync(PlaybackRequest request, Task<IAudioInput> opening, CancellationTokenSource own)
    {
        await ((Task)opening).Ended();
        post(() =>
        {
            if (_opening == own)
            {
                Take(request, opening);
                HasNews = true;
            }
            else if (opening.IsCompletedSuccessfully)
            {
                opening.Result.Dispose(); // another was chosen while it opened
            }
        });
    }

    private void Take(PlaybackRequest request, Task<IAudioInput> opening)
    {
        CancelOpening();
        if (opening.IsCompletedSuccessfully)
        {
            (_input, _of, _problem) = (opening.Result, _tried, null);
            _player!.SetSource(_input);
            backoff.Succeeded();
            return;
        }

        // A file may be put there, a link may come.
        _retryAt = time.Now() + backoff.Failed();
        var why = opening.Exception?.InnerException switch
        {
            PortException no => no.Remedy is null ? no.Message : $"{no.Message} {no.Remedy}",
            var fault => $"its source could not be opened, by an internal fault ({fault?.Message}).",
        };
        if (why != _problem) PlaybackLog.NoSource(log, request.Name, why);
        _problem = why;
    }

    private void CancelOpening()
    {
        _opening?.Cancel();
        _opening?.Dispose();
        _opening = null;
    }
}
