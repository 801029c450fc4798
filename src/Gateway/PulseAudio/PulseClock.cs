namespace Gateway.PulseAudio;

/// <summary>
/// Judges what a sound server says of a stream's time. What fits what it said before counts; what does not is garbage, until so much of it agrees with itself that the
/// device has indeed moved. Says so when the server's word is of no use at all. Audio thread only; allocates nothing.
/// </summary>
internal sealed class PulseClock(int rate)
{
    /// <summary>So many readings that fit one another, and nothing else, are a new line.</summary>
    public const int Convincing = 10;
    private const double ToleranceSeconds = 0.020;
    private const double AgreementSeconds = 0.005;

    /// <summary>No crystal is off by more; a clock that is belongs to something else.</summary>
    private const double LargestRateError = 0.03;
    private const long LongestSilence = 300_000_000;
    private const int ReadingsPerVerdict = 500;
    private const int MostMoves = 10;
    private const int MostBadStretches = 3;
    private const long Stretch = 2_000_000_000;

    private readonly double _framesPerNanosecond = rate / 1e9;
    private double _played;
    private long _at;
    private double _candidate;
    private long _candidateAt = long.MinValue;
    private int _agreeing;
    private double _stretchPlayed;
    private long _stretchAt;
    private int _badStretches;
    private int _readings;
    private int _refused;
    private int _moves;

    /// <summary>Nothing is known yet, and what was said before the last reading fits nothing.</summary>
    public bool IsAtFirst => !IsSure && _agreeing <= 1;

    /// <summary>It is known where the device is.</summary>
    public bool IsSure { get; private set; }

    /// <summary>It is known where the device is now: nobody stood still, and it has not moved.</summary>
    public bool IsFresh(long nanoseconds) => IsSure && nanoseconds - _at <= LongestSilence;

    /// <summary>Why nothing can be played in time by it; <see cref="PulseClockFault.None"/>: it can.</summary>
    public PulseClockFault Fault { get; private set; }

    /// <summary>Frames played at an instant, by the last reading that counted.</summary>
    public double PlayedAt(long nanoseconds) => _played + ((nanoseconds - _at) * _framesPerNanosecond);

    /// <summary>True: the reading counts.</summary>
    public bool TryAdd(double played, long at)
    {
        if (at <= Math.Max(_at, _candidateAt) && (IsSure || _candidateAt != long.MinValue)) return Refuse();
        if (!double.IsFinite(played)) return Refuse();
        if (IsSure && Math.Abs(played - PlayedAt(at)) <= ToleranceSeconds * rate)
        {
            Take(played, at);
            Judge(refused: false);
            return true;
        }

        var agrees = _candidateAt != long.MinValue && Math.Abs(played - _candidate - ((at - _candidateAt) * _framesPerNanosecond)) <= AgreementSeconds * rate;
        (_candidate, _candidateAt, _agreeing) = (played, at, agrees ? _agreeing + 1 : 1);
        if (_agreeing < Convincing) return Refuse();
        if (IsSure) _moves++;
        IsSure = true;
        (_stretchPlayed, _stretchAt) = (played, at);
        Take(played, at);
        Judge(refused: false);
        return true;
    }

    private void Take(double played, long at)
    {
        (_played, _at, _agreeing, _candidateAt) = (played, at, 0, long.MinValue);
        if (at - _stretchAt < Stretch) return;
        var due = (at - _stretchAt) * _framesPerNanosecond;
        var gone = played - _stretchPlayed;
        _badStretches = Math.Abs(gone - due) > (LargestRateError * due) + (ToleranceSeconds * rate) ? _badStretches + 1 : 0;
        if (_badStretches >= MostBadStretches) Fault = gone < due / 10 ? PulseClockFault.Stands : PulseClockFault.WrongRate;
        (_stretchPlayed, _stretchAt) = (played, at);
    }

    private bool Refuse()
    {
        Judge(refused: true);
        return false;
    }

    private void Judge(bool refused)
    {
        if (refused) _refused++;
        if (++_readings < ReadingsPerVerdict) return;
        if (Fault == PulseClockFault.None && (_refused > _readings / 2 || _moves > MostMoves)) Fault = PulseClockFault.Contradicts;
        (_readings, _refused, _moves) = (0, 0, 0);
    }
}

/// <summary>What is wrong with a clock.</summary>
internal enum PulseClockFault
{
    None,
    Stands,
    WrongRate,
    Contradicts,

    /// <summary>Seconds lie between it and us.</summary>
    Deep,
}
