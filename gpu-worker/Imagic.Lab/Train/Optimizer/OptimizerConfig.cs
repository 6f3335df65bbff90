namespace Imagic.Lab.Train.Optimizer;

/// <summary>How one model is optimized.</summary>
/// <param name="Steps">Updates in all.</param>
/// <param name="Batch">Pictures per update.</param>
/// <param name="LearningRate">Highest rate, reached at the end of the warm-up.</param>
/// <param name="WarmUp">Steps over which the rate rises linearly; then it falls along a cosine.</param>
/// <param name="FinalRate">Share of the highest rate that is left at the end.</param>
/// <param name="EmaDecay">Share of the averaged weights that a step keeps.</param>
/// <param name="ClipNorm">Longest gradient.</param>
public sealed record OptimizerConfig(
    int Steps, int Batch, double LearningRate, int WarmUp = 300, double FinalRate = 0.02, double WeightDecay = 0.01,
    double Beta1 = 0.9, double Beta2 = 0.99, double EmaDecay = 0.999, double ClipNorm = 1)
{
    /// <summary>Learning rate of an update, 1 for the first.</summary>
    public double RateAt(int step)
    {
        if (step <= WarmUp)
            return LearningRate * step / WarmUp;
        var progress = Math.Min((double)(step - WarmUp) / Math.Max(1, Steps - WarmUp), 1);
        return LearningRate * (FinalRate + (1 - FinalRate) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }

    /// <exception cref="BadInputException">Names the value that is out of range.</exception>
    public void Validate(string name)
    {
        Require(Steps > 0, "steps", Steps, "a number above 0");
        Require(Batch > 0, "batch", Batch, "a number above 0");
        Require(LearningRate > 0, "learning_rate", LearningRate, "a number above 0");
        Require(WarmUp >= 0, "warm_up", WarmUp, "0 or more");
        Require(EmaDecay is >= 0 and < 1, "ema_decay", EmaDecay, "at least 0 and below 1");
        Require(Beta1 is >= 0 and < 1, "beta1", Beta1, "at least 0 and below 1");
        Require(Beta2 is >= 0 and < 1, "beta2", Beta2, "at least 0 and below 1");
        Require(ClipNorm > 0, "clip_norm", ClipNorm, "a number above 0");

        void Require(bool holds, string key, object value, string expected)
        {
            if (!holds)
                throw new BadInputException($"{name}.{key} is {value}, expected {expected}.");
        }
    }
}
