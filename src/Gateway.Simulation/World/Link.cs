namespace Gateway.Simulation;

/// <summary>A live (or just starting) A2DP link from the node that plays to the node that sounds.</summary>
internal sealed class Link(Node from, Node to)
{
    public Node From { get; } = from;
    public Node To { get; } = to;
    public bool Connected { get; set; }

    /// <summary>The command that waits for this link; null for links that people made.</summary>
    public Operation? Operation { get; set; }

    /// <summary>The open sound way out to <see cref="To"/>; null while nobody opened it.</summary>
    public SimulatedOutput? Output { get; set; }

    /// <summary>The open sound way in from <see cref="From"/>.</summary>
    public SimulatedReceiver? Receiver { get; set; }

    public bool Joins(Node a, Node b) => (From == a && To == b) || (From == b && To == a);

    public bool Touches(Node node) => From == node || To == node;

    public Node Other(Node node) => From == node ? To : From;
}
