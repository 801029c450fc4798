namespace Gateway.Simulation;

internal sealed class SimulatedOutput
{
    private double _starveMs;

    public bool IsOpen { get; private set; } = true;

    public void Close() => IsOpen = false;

    public void Starve(double milliseconds) => _starveMs += milliseconds;

    public bool TakeHeard() => IsOpen && _starveMs <= 0;
}
