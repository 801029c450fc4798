using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Timing;

namespace Gateway.Playback;

/// <summary>The group's source: opened off the loop where that may take time, and again when it has ended.</summary>
internal sealed partial class GroupSession
{
    private readonly Backoff _sourceBackoff;
    private IAudioInput? _source;
    private string? _sourceProblem;
    private string? _openProblem;
    private (SourceRef?, string?)? _sourceOf; // what is open; null: nothing
    private (SourceRef?, string?)? _sourceTried;
    private TimeSpan _sourceRetryAt;
    private CancellationTokenSource? _opening; // what is being opened; null: nothing
    private bool _hasOpened; // since the last tick

    /// <summary>A source that is open may still know why nothing comes from it. True: that changed.</summary>
    private bool TellSourceProblem()
    {
        if (_source?.Problem is var problem && problem == _openProblem) return false;
        _openProblem = problem;
        if (problem is not null) _happened(new PlaybackEvent(PlaybackEventKind.Problem, null, Request.Group, problem));
        Hold();
        return true;
    }

    /// <summary>True: it has ended by itself, or by a fault of ours.</summary>
    private bool EndSource()
    {
        if (Player.SourceFault is { } fault)
        {
            PlaybackLog.SourceFault(_log, Request.Name, fault);
            _sourceProblem = "the way from its source ended by an internal fault; the log has it.";
            _happened(new PlaybackEvent(PlaybackEventKind.Problem, null, Request.Group, $"{Request.Name} is silent: {_sourceProblem}"));
        }
        else if (_source is { IsOpen: false })
        {
            _sourceProblem = _source.Problem;
        }
        else
        {
            return false;
        }

        CloseSource();
        Hold();
        return true;
    }

    /// <summary>It ended by itself: it is opened again, but who ends at once each time is not opened again and again.</summary>
    private void CloseSource()
    {
        Player.SetSource(null);
        _source?.Dispose();
        (_source, _sourceOf, _sourceRetryAt) = (null, null, Now + _sourceBackoff.Failed());
    }

    private bool OpenSource()
    {
        var wanted = (Request.Source, Request.SourceLink);
        if (_sourceOf == wanted || (_sourceTried == wanted && (_opening is not null || Now < _sourceRetryAt))) return false;
        var former = (_source, _sourceProblem);
        CancelOpening();
        if (_sourceTried != wanted)
        {
            (_sourceTried, _sourceProblem) = (wanted, null);
            _sourceBackoff.Reset();
        }

        Player.SetSource(null);
        former._source?.Dispose();
        (_source, _sourceOf) = (null, null);
        _opening = new CancellationTokenSource();
        var opening = OpenAsync(_opening.Token);
        if (opening.IsCompleted) TakeSource(opening);
        else _ = AwaitSourceAsync(opening, _opening);
        return former != (_source, _sourceProblem);
    }

    private Task<IAudioInput> OpenAsync(CancellationToken cancellationToken) => Request.Source is { } source
        ? _sound.OpenAsync(new SourceOpening(source, Request.SourceLink) { Name = Request.SourceName ?? source.ToString(), Listener = Request.Name }, cancellationToken)
        : Task.FromException<IAudioInput>(new PortException(PortError.Other, $"{Request.Name} has no source.", "Choose one with its Source."));

    private async Task AwaitSourceAsync(Task<IAudioInput> opening, CancellationTokenSource own)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _post(() =>
        {
            if (_opening == own)
            {
                TakeSource(opening);
                Hold();
                _hasOpened = true;
            }
            else if (opening.IsCompletedSuccessfully)
            {
                opening.Result.Dispose(); // another was chosen while it opened
            }
        });
    }

    private void TakeSource(Task<IAudioInput> opening)
    {
        CancelOpening();
        if (opening.IsCompletedSuccessfully)
        {
            (_source, _sourceOf, _sourceProblem) = (opening.Result, _sourceTried, null);
            Player.SetSource(_source);
            _sourceBackoff.Succeeded();
            return;
        }

        // A file may be put there, a link may come.
        _sourceRetryAt = Now + _sourceBackoff.Failed();
        var why = opening.Exception?.InnerException switch
        {
            PortException no => no.Remedy is null ? no.Message : $"{no.Message} {no.Remedy}",
            var fault => $"its source could not be opened, by an internal fault ({fault?.Message}).",
        };
        if (why != _sourceProblem) PlaybackLog.NoSource(_log, Request.Name, why);
        _sourceProblem = why;
    }

    private void CancelOpening()
    {
        _opening?.Cancel();
        _opening?.Dispose();
        _opening = null;
    }
}
